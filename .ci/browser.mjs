// Tests the page that was named, in Chromium; see the script `browser` beside this file.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const require = createRequire(import.meta.url);
const [page_file, screenshots] = process.argv.slice(2);
const url = pathToFileURL(page_file).href;
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM,
  args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"],
});

async function open(options) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const wrong = [];
  page.on("console", (message) => ["error", "warning"].includes(message.type()) && wrong.push(message.text()));
  page.on("pageerror", (error) => wrong.push(String(error)));
  page.on("request", (request) => request.url() !== url && wrong.push(`asks for ${request.url()}`));
  const begun = Date.now();
  await page.goto(url, { waitUntil: "load" });
  console.log(`opened in ${Date.now() - begun} ms (${JSON.stringify(options)})`);
  return { page, context, wrong };
}

async function accessible(page, what) {
  await page.addScriptTag({ path: require.resolve("axe-core/axe.min.js") });
  const found = await page.evaluate(() =>
    axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"], resultTypes: ["violations"] }));
  const words = found.violations.map((one) => `${one.id}: ${one.help}: ${one.nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(" | ")}`);
  assert.deepEqual(words, [], `axe in ${what}`);
}

const visible = (page) => page.$$eval("#loads > tbody > tr:not(.more)", (rows) => rows.filter((row) => !row.hidden).map((row) => [...row.cells].map((cell) => cell.textContent)));
const shown = async (page, count) => page.waitForFunction((count) => document.getElementById("find-shown").textContent.startsWith(`${count} of`), count.toLocaleString("en-GB"));

// Filter and sort.
{
  const { page, context, wrong } = await open({ viewport: { width: 1280, height: 900 } });
  const all = await visible(page);
  assert.ok(all.length > 100);
  const uncertain = all.filter((cells) => cells[3] === "uncertain").length;
  assert.ok(uncertain > 0);
  await page.selectOption("#find-state", "uncertain");
  await shown(page, uncertain);
  assert.equal((await visible(page)).length, uncertain);
  await page.selectOption("#find-state", "");
  const reference = all[17][0];
  await page.fill("#find-text", reference.toLowerCase());
  await shown(page, 1);
  assert.equal((await visible(page))[0][0], reference);
  await page.fill("#find-text", "");
  await shown(page, all.length);
  const column = (rows, at) => rows.map((cells) => cells[at]);
  const tonnes = (rows) => column(rows, 5).map((text) => (text === "" ? -1 : Number(text.replaceAll(",", ""))));
  const sort = async (name) => page.click(`#loads > thead th button:text-is("${name}")`);
  await sort("Tonnes");
  const up = tonnes(await visible(page));
  assert.deepEqual(up, [...up].sort((a, b) => a - b));
  await sort("Tonnes");
  const down = tonnes(await visible(page));
  assert.deepEqual(down, [...down].sort((a, b) => b - a));
  assert.equal(await page.getAttribute("#loads > thead th:nth-child(6)", "aria-sort"), "descending");
  await sort("Reference");
  const references = column(await visible(page), 0);
  assert.deepEqual(references, [...references].sort());
  await sort("Received");
  const days = await page.$$eval("#loads > tbody > tr:not(.more)", (rows) => rows.map((row) => row.querySelector("time")?.dateTime ?? ""));
  assert.deepEqual(days, [...days].sort());
  // Details stay below their rows, unfold, and can be reached by keyboard.
  const strays = await page.$$eval("#loads tr.more", (rows) => rows.filter((row) => !row.querySelector("summary").textContent.includes(row.previousElementSibling.cells[0].textContent)).length);
  assert.equal(strays, 0);
  await page.focus("#loads tr.more summary");
  await page.keyboard.press("Enter");
  assert.ok(await page.isVisible("#loads tr.more pre, #loads tr.more details[open] .body"));
  // The link of one that needs a person opens what is known of it.
  const link = await page.$('#loads th a[href^="#m"]');
  const target = await link.getAttribute("href");
  await link.click();
  await page.waitForFunction((target) => document.querySelector(target).checkVisibility(), target);
  assert.deepEqual(wrong, []);
  await context.close();
}

// Accessible in light and dark, on a phone and on a desk, folded and unfolded.
for (const colorScheme of ["light", "dark"]) {
  for (const width of [1280, 360]) {
    const { page, context, wrong } = await open({ colorScheme, viewport: { width, height: 900 } });
    if (screenshots) {
      await page.setViewportSize({ width, height: 2200 });
      await page.screenshot({ path: `${screenshots}/${colorScheme}-${width}.png`, timeout: 120_000 });
      await page.setViewportSize({ width, height: 900 });
    }
    await page.evaluate(() => {
      // All folds, but few rows: axe looks at every element.
      for (const fold of [...document.querySelectorAll("details")].slice(0, 40)) fold.open = true;
      for (const fold of [...document.querySelectorAll("#loads details")].slice(0, 5)) fold.open = true;
      for (const row of [...document.querySelectorAll("#loads > tbody > tr")].slice(60)) row.remove();
      for (const load of [...document.querySelectorAll(".load")].slice(40)) load.remove();
    });
    await accessible(page, `${colorScheme} at ${width}`);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(wide <= 0, `the page itself scrolls sideways at ${width}: ${wide}`);
    assert.deepEqual(wrong, []);
    await context.close();
  }
}

// Without script everything can be read.
{
  const { page, context, wrong } = await open({ javaScriptEnabled: false });
  assert.ok(await page.isVisible("#loads tbody tr"));
  assert.ok(await page.isHidden("#find"));
  assert.deepEqual(wrong, []);
  await context.close();
}

if (screenshots) {
  const { page, context } = await open({ viewport: { width: 1280, height: 900 } });
  await page.pdf({ path: `${screenshots}/print.pdf`, preferCSSPageSize: true, pageRanges: "1-6" });
  await page.click("#person ~ details.group > summary");
  await page.click("#person ~ details.group .load > summary");
  await page.locator("#person").screenshot({ path: `${screenshots}/heading.png` });
  await page.evaluate(() => document.getElementById("person").scrollIntoView());
  await page.screenshot({ path: `${screenshots}/person.png` });
  await page.evaluate(() => document.getElementById("movements").scrollIntoView());
  await page.click("#loads tr.more summary");
  await page.screenshot({ path: `${screenshots}/movements.png` });
  await context.close();
}
await browser.close();
console.log("the page works");
