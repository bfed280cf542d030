import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { chromium } from 'playwright-core';

import { decodePng } from './png.mjs';

const kArguments = [
  '--no-sandbox',
  '--use-angle=swiftshader',
  '--enable-unsafe-swiftshader',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
];

export const kOutput = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../output');

export const kDesktop = { viewport: { width: 1440, height: 900 } };
export const kPhone = {
  viewport: { width: 390, height: 844 },
  deviceScaleFactor: 2,
  hasTouch: true,
  isMobile: true,
};

/** How long a condition may take on a busy machine; waiting ends as soon as it holds. */
export const kPatience = 60_000;

export function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: kArguments,
  });
}

/**
 * Opens the page and waits for its list, or for `until`. `token` is presented as the cookie. The
 * `faults` collect console errors (a breach of the content security policy is one), exceptions and
 * requests to other origins.
 */
export async function openPage(browser, url, options = {}, how = {}) {
  const context = await browser.newContext({
    ...kDesktop,
    colorScheme: 'dark',
    reducedMotion: 'reduce',
    ...options,
  });
  if (how.token) await context.addCookies([{ name: 'access_token', value: how.token, url }]);
  const { page, faults } = await openTab(context, url, how);
  return { page, context, faults };
}

/** Another page of the same browser profile, with the same cookies. */
export async function openTab(context, url, { prepare, until = '.row' } = {}) {
  const page = await context.newPage();
  page.setDefaultTimeout(kPatience);
  const faults = [];
  page.on('console', (entry) => {
    if (entry.type() === 'error') faults.push(`console: ${entry.text()}`);
  });
  page.on('pageerror', (error) => faults.push(`exception: ${error.message}`));
  page.on('request', (request) => {
    const target = new URL(request.url());
    const isLocal = ['blob:', 'data:'].includes(target.protocol);
    if (!isLocal && target.host !== new URL(url).host) faults.push(`foreign: ${request.url()}`);
  });
  await prepare?.(page);
  await page.goto(url);
  await page.locator(until).first().waitFor();
  return { page, faults };
}

/** Prepares a page as in a browser without WebGL 2. */
export function withoutWebGl(page) {
  return page.addInitScript(() => {
    const original = HTMLCanvasElement.prototype.getContext;
    HTMLCanvasElement.prototype.getContext = function getContext(kind, ...rest) {
      return kind === 'webgl2' ? null : original.call(this, kind, ...rest);
    };
  });
}

/** Waits until `probe` gives something truthy, and returns that. */
export async function eventually(what, probe, patience = kPatience) {
  const end = Date.now() + patience;
  let last;
  for (;;) {
    last = await probe();
    if (last) return last;
    if (Date.now() > end) throw new Error(`${what} did not happen`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

export function search(page, text) {
  return page.getByRole('textbox', { name: /search/i }).fill(text);
}

export function row(page, id) {
  return page.locator(`.row[data-tracker="${id}"]`);
}

/** Selects a tracker by its row and waits for its details. */
export async function selectTracker(page, id) {
  await search(page, String(id));
  await row(page, id).click();
  await page.locator('.details').waitFor();
}

/** The map's picture as pixels; what lies over the map is in it too. */
export async function mapPixels(page) {
  return decodePng(await page.locator('.map-area').screenshot());
}

export async function saveScreenshot(page, name) {
  await mkdir(kOutput, { recursive: true });
  await page.screenshot({ path: path.join(kOutput, `${name}.png`) });
}

export const kDark = {
  moving: [0x56, 0xc2, 0xf7],
  stopped: [0xd9, 0xa0, 0x4a],
  offline: [0x8c, 0x9b, 0xaa],
  accent: [0x7d, 0xb8, 0xff],
};

/** Number and centre of the pixels of a colour, within a rectangle of CSS pixels. */
export function findColor(image, [red, green, blue], area = undefined) {
  const tolerance = 6;
  const { left = 0, top = 0 } = area ?? {};
  const right = Math.min(image.width, area?.right ?? image.width);
  const bottom = Math.min(image.height, area?.bottom ?? image.height);
  let count = 0;
  let x = 0;
  let y = 0;
  for (let row = top; row < bottom; row++) {
    for (let column = left; column < right; column++) {
      const at = (row * image.width + column) * 4;
      if (Math.abs(image.data[at] - red) > tolerance) continue;
      if (Math.abs(image.data[at + 1] - green) > tolerance) continue;
      if (Math.abs(image.data[at + 2] - blue) > tolerance) continue;
      count++;
      x += column;
      y += row;
    }
  }
  return { count, x: x / count, y: y / count };
}

/** Where the ring around the selected tracker has come to rest. */
export async function ringAt(page, area = kFreeMap) {
  let last = { x: NaN, y: NaN };
  return eventually('a ring at rest', async () => {
    const found = findColor(await mapPixels(page), kDark.accent, area);
    const rests =
      found.count > 60 && Math.abs(found.x - last.x) < 0.5 && Math.abs(found.y - last.y) < 0.5;
    last = found;
    return rests && found;
  });
}

/** The desktop map without the pill, which is drawn in a marker's colour. */
export const kWholeMap = { left: 0, top: 80, right: 1000, bottom: 900 };

/** The part of the desktop map that neither pill nor card nor buttons cover. */
export const kFreeMap = { left: 40, top: 80, right: 620, bottom: 840 };
