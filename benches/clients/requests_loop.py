"""What many write first: one request after the other, and a line for each answer."""
import csv
import json
import sys

import requests

url, bodies, out, count = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
token = requests.post(url + "/token", data={"grant_type": "client_credentials"}).json()["access_token"]
session = requests.Session()
session.headers.update({"Authorization": "Bearer " + token, "Content-Type": "application/json"})
with open(bodies, "rb") as lines, open(out, "w", newline="") as results:
    writer = csv.writer(results)
    for _, line in zip(range(count), lines):
        answer = session.post(url + "/movements/receive", data=line)
        reference = json.loads(line)["yourUniqueReference"]
        writer.writerow([reference, answer.status_code, answer.json().get("wasteTrackingId", "")])
