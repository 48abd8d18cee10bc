/**
 * One visit to a page, as Lighthouse makes it for a telephone: first the way there, then a key in one of its fields.
 *
 *     node measure.mjs PORT ADDRESS SELECTOR    figures as one line of JSON
 *
 * PORT is that of a running Chromium's DevTools. Network and processor are Lighthouse's own: slow 4G and four times slower,
 * calculated on the way there, and really so while the key is pressed. Nothing is reported to anybody.
 */

import { navigation, startTimespan } from "lighthouse";
import puppeteer from "puppeteer-core";

const [port, address, selector] = process.argv.slice(2);
const browser = await puppeteer.connect({ browserURL: `http://127.0.0.1:${port}`, defaultViewport: null });
const page = await browser.newPage();
const flags = { onlyCategories: ["performance"], disableFullPageScreenshot: true, logLevel: "error" };

const arrived = (await navigation(page, address, { flags })).lhr;
if (arrived.runtimeError) throw new Error(arrived.runtimeError.message);

const { endTimespan } = await startTimespan(page, { flags });
await page.waitForSelector(selector);
await page.click(selector);
await page.keyboard.press("a");
await page.evaluate(() => new Promise((painted) => requestAnimationFrame(() => requestAnimationFrame(painted))));
const touched = (await endTimespan()).lhr;
await page.close();
await browser.disconnect();

const value = (report, name) => report.audits[name].numericValue ?? null;
const requests = arrived.audits["network-requests"].details.items;
const figures = {
  score: 100 * arrived.categories.performance.score,
  first_contentful_paint_ms: value(arrived, "first-contentful-paint"),
  largest_contentful_paint_ms: value(arrived, "largest-contentful-paint"),
  speed_index_ms: value(arrived, "speed-index"),
  total_blocking_ms: value(arrived, "total-blocking-time"),
  layout_shift: value(arrived, "cumulative-layout-shift"),
  interaction_to_next_paint_ms: value(touched, "interaction-to-next-paint"),
  transferred_bytes: requests.reduce((size, { transferSize }) => size + (transferSize ?? 0), 0),
  requests: requests.length,
};
process.stdout.write(`${JSON.stringify(figures)}\n`);
