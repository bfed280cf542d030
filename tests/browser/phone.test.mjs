import assert from 'node:assert/strict';
import { test } from 'node:test';

import { appeared } from './support/gateway.mjs';
import { eventually, findColor, kDark, kPhone, mapPixels, row, search } from './support/page.mjs';
import { suite } from './support/suite.mjs';

const shared = suite();

const sheetHeight = async (page) => (await page.locator('.sheet').boundingBox()).height;

async function rests(page, height) {
  await eventually(
    `a sheet of ${height} pixels`,
    async () => Math.abs((await sheetHeight(page)) - height) < 2,
  );
}

async function drag(page, distance) {
  const grip = await page.locator('.grip').boundingBox();
  const x = grip.x + grip.width / 2;
  const y = grip.y + 10;
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x, y - distance / 2, { steps: 4 });
  await page.mouse.move(x, y - distance, { steps: 8 });
  await page.mouse.up();
}

test('the sheet follows a drag and rests at its stops', async () => {
  const page = await shared.open(kPhone);
  await rests(page, 116);
  await drag(page, 320);
  await rests(page, Math.round(844 * 0.56));
  await drag(page, 300);
  await rests(page, 844 - 84);
  await drag(page, -700);
  await rests(page, 116);
});

test('the sheet goes by keys and is a slider', async () => {
  const page = await shared.open(kPhone);
  const grip = page.getByRole('slider', { name: 'Height of the sheet' });
  await grip.focus();
  await page.keyboard.press('ArrowUp');
  await rests(page, Math.round(844 * 0.56));
  assert.equal(await grip.getAttribute('aria-valuetext'), 'Half');
  await page.keyboard.press('End');
  await rests(page, 844 - 84);
  await page.keyboard.press('Home');
  await rests(page, 116);
});

test('selecting opens the details at half height with the tracker in view above', async () => {
  const id = 'on-the-phone';
  const page = await shared.open(kPhone);
  await shared.gateway.publish(appeared(id, 27, -137, 'moving', { speed: 8, course: 220 }));
  await search(page, id);
  await page.getByRole('slider').focus();
  await page.keyboard.press('ArrowUp');
  await row(page, id).tap();
  await page.locator('.details').waitFor();
  const half = Math.round(844 * 0.56);
  await rests(page, half);
  await eventually('the ring above the sheet', async () => {
    const ring = findColor(await mapPixels(page), kDark.accent);
    return ring.count > 100 && ring.y / 2 > 116 && ring.y / 2 < 844 - half - 20;
  });
  await page.getByRole('button', { name: 'Close details' }).tap();
  await page.locator('.details').waitFor({ state: 'detached' });
});

test('touch targets are large and there are no zoom buttons', async () => {
  const page = await shared.open(kPhone);
  assert.equal(await page.getByRole('button', { name: 'Zoom in' }).count(), 0);
  await page.getByRole('slider').focus();
  await page.keyboard.press('ArrowUp');
  await rests(page, Math.round(844 * 0.56));
  for (const target of await page.locator('button:visible, .grip, .row:visible').all()) {
    const box = await target.boundingBox();
    if (!box) continue;
    const label = await target.evaluate((element) => element.outerHTML.slice(0, 120));
    assert.ok(box.height >= 44 && box.width >= 44, `${box.width} × ${box.height}: ${label}`);
  }
  const size = await page.locator('input').evaluate((input) => getComputedStyle(input).fontSize);
  assert.equal(size, '16px');
});
