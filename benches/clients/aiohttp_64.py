"""What they write when that is too slow: 64 at a time, and a line for each answer."""
import asyncio
import csv
import json
import sys

import aiohttp

url, bodies, out, count = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])


async def main():
    connector = aiohttp.TCPConnector(limit=64)
    async with aiohttp.ClientSession(connector=connector) as session:
        async with session.post(url + "/token", data={"grant_type": "client_credentials"}) as answer:
            token = (await answer.json())["access_token"]
        headers = {"Authorization": "Bearer " + token, "Content-Type": "application/json"}
        queue = asyncio.Queue(256)
        with open(out, "w", newline="") as results:
            writer = csv.writer(results)

            async def sender():
                while (line := await queue.get()) is not None:
                    async with session.post(
                        url + "/movements/receive", data=line, headers=headers
                    ) as answer:
                        said = await answer.json()
                        reference = json.loads(line)["yourUniqueReference"]
                        writer.writerow([reference, answer.status, said.get("wasteTrackingId", "")])

            senders = [asyncio.create_task(sender()) for _ in range(64)]
            with open(bodies, "rb") as lines:
                for _, line in zip(range(count), lines):
                    await queue.put(line)
            for _ in senders:
                await queue.put(None)
            await asyncio.gather(*senders)


asyncio.run(main())
