import assert from 'node:assert/strict';
import { test } from 'node:test';

import { appeared, located } from './support/gateway.mjs';
import {
  eventually,
  findColor,
  kDark,
  kFreeMap,
  mapPixels,
  ringAt,
  search,
  selectTracker,
  withoutWebGl,
} from './support/page.mjs';
import { suite } from './support/suite.mjs';

const shared = suite();

const title = (page) => page.locator('.details h2').textContent();

async function clickMap(page, x, y) {
  const box = await page.locator('.map-area').boundingBox();
  await page.mouse.click(box.x + x, box.y + y);
}

test('markers on the other side of the antimeridian are picked where they are seen', async () => {
  const page = await shared.open();
  await shared.gateway.publish([
    ...appeared('east-of-180', 10, -179.98, 'moving', { course: 90 }),
    ...appeared('west-of-180', 10, 179.98, 'moving', { course: 270 }),
  ]);
  await selectTracker(page, 'west-of-180');
  await search(page, 'of-180');
  const ring = await ringAt(page);
  // 0.04 degrees are 58 pixels at zoom 10.
  await clickMap(page, ring.x + 58, ring.y);
  await eventually('the eastern one', async () => (await title(page)) === 'east-of-180');
  await clickMap(page, ring.x, ring.y);
  await eventually('the western one', async () => (await title(page)) === 'west-of-180');
  await clickMap(page, ring.x, ring.y + 150);
  await page.locator('.details').waitFor({ state: 'detached' });
});

test('with motion, a marker glides to its new place', async () => {
  const id = 'gliding-by-test';
  const page = await shared.open({ reducedMotion: 'no-preference' });
  await shared.gateway.publish(appeared(id, 15, -150, 'moving', { course: 90 }));
  await selectTracker(page, id);
  const before = await ringAt(page);
  const fixTime = new Date(Date.now() + 70_000).toISOString();
  await shared.gateway.publish(located(id, 15, -149.9, { course: 90, fix_time: fixTime }));
  await eventually('the end of the glide', async () => {
    const found = findColor(await mapPixels(page), kDark.accent, kFreeMap);
    return Math.abs(found.x - before.x - 145.6) < 8;
  });
});

test('theme and units change at once and stay chosen', async () => {
  const id = 'measured-by-test';
  const page = await shared.open();
  await shared.gateway.publish(appeared(id, 36, -128, 'moving', { speed: 10, course: 0 }));
  await selectTracker(page, id);
  await eventually(
    'knots',
    async () => (await page.getByTestId('speed').textContent()) === '19.4 kn',
  );
  assert.match(await page.getByTestId('scale').textContent(), / nm$/);
  await page.getByRole('button', { name: /^Units:/ }).click();
  await page.getByRole('option', { name: 'km/h' }).click();
  await eventually(
    'km/h',
    async () => (await page.getByTestId('speed').textContent()) === '36.0 km/h',
  );
  assert.match(await page.getByTestId('scale').textContent(), / km$/);

  const corner = async () => {
    const image = await mapPixels(page);
    const at = (image.height - 200) * image.width * 4 + 120 * 4;
    return [...image.data.subarray(at, at + 3)];
  };
  await eventually('the dark sea', async () => (await corner()).every((part) => part < 60));
  await page.getByRole('button', { name: 'Use the light theme' }).click();
  await eventually('the light sea', async () => (await corner()).every((part) => part > 180));
  assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), 'light');

  await page.reload();
  await page.locator('.row').first().waitFor();
  assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), 'light');
  await page.getByRole('button', { name: 'Units: km/h' }).waitFor();
});

test('the system decides the theme until it is toggled', async () => {
  const page = await shared.open({ colorScheme: 'light' });
  const theme = () => page.evaluate(() => document.documentElement.dataset.theme);
  assert.equal(await theme(), 'light');
  await page.emulateMedia({ colorScheme: 'dark' });
  await eventually('the dark theme', async () => (await theme()) === 'dark');
});

test('a lost WebGL context is rebuilt with its markers', async () => {
  const page = await shared.open();
  const moving = async () => findColor(await mapPixels(page), kDark.moving, kFreeMap).count;
  await eventually('markers', async () => (await moving()) > 20);
  await page.evaluate(() => {
    const gl = document.querySelector('.map canvas').getContext('webgl2');
    window.contextLoss = gl.getExtension('WEBGL_lose_context');
    window.contextLoss.loseContext();
  });
  await eventually('no marker', async () => (await moving()) === 0);
  await page.evaluate(() => window.contextLoss.restoreContext());
  await eventually('markers again', async () => (await moving()) > 20);
});

test('without WebGL the list and the details remain, and the page says so', async () => {
  const page = await shared.open({}, { prepare: withoutWebGl });
  await page.getByText('The map needs WebGL 2').waitFor();
  await page.locator('.row').first().click();
  await page.locator('.details').waitFor();
  assert.equal(await page.getByRole('button', { name: 'Zoom in' }).count(), 0);
});

test('names are text and never markup', async () => {
  const id = '<img src=x onerror=alert(1)>';
  const page = await shared.open();
  await shared.gateway.publish(appeared(id, 20, -141, 'moving'));
  await search(page, 'onerror');
  await page.locator('.row').first().click();
  await eventually('the name as it is', async () => (await title(page)) === id);
  assert.equal(await page.locator('.page img').count(), 0);
});
