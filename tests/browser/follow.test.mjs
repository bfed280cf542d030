import assert from 'node:assert/strict';
import { test } from 'node:test';

import { appeared, changed, located } from './support/gateway.mjs';
import { eventually, kPhone, ringAt, row, search, selectTracker } from './support/page.mjs';
import { suite } from './support/suite.mjs';

const shared = suite();

const follow = (page) => page.getByRole('button', { name: 'Follow', exact: true });
const following = (page) => page.getByRole('button', { name: 'Following', exact: true });
const later = (seconds) => new Date(Date.now() + 60_000 + seconds * 1_000).toISOString();

/** Opens the page on a tracker that is followed. */
async function followed(id, latitude, longitude, options = {}) {
  const page = await shared.open(options);
  await shared.gateway.publish(appeared(id, latitude, longitude, 'moving', { course: 90 }));
  await search(page, id);
  await row(page, id).dispatchEvent('click');
  await follow(page).click();
  await following(page).waitFor();
  return page;
}

async function moveTo(page, id, latitude, longitude, seconds) {
  await shared.gateway.publish(
    located(id, latitude, longitude, { course: 60, fix_time: later(seconds) }),
  );
  await eventually('the new position', async () =>
    (await page.getByTestId('position').textContent()).startsWith(`${latitude.toFixed(2)}`),
  );
}

async function isSamePlace(page, before, area) {
  const after = await ringAt(page, area);
  const distance = Math.hypot(after.x - before.x, after.y - before.y);
  assert.ok(distance < 6, `${distance} pixels away`);
}

/** Moves a pointer over the map while its button is down. */
async function drag(page) {
  const box = await page.locator('.map-area').boundingBox();
  await page.mouse.move(box.x + 200, box.y + 600);
  await page.mouse.down();
  await page.mouse.move(box.x + 240, box.y + 640, { steps: 5 });
  await page.mouse.up();
}

test('following keeps a tracker in place until the map is dragged', async () => {
  const id = 'followed-by-test';
  const page = await followed(id, 25, -140);
  assert.equal(await following(page).getAttribute('aria-pressed'), 'true');
  const before = await ringAt(page);
  await moveTo(page, id, 25.05, -139.9, 5);
  await isSamePlace(page, before);
  await moveTo(page, id, 25.15, -139.7, 10);
  await isSamePlace(page, before);

  await drag(page);
  await follow(page).waitFor();
  const dragged = await ringAt(page);
  // 0.02 degrees are 29 pixels at the zoom a selection flies to.
  await moveTo(page, id, 25.15, -139.68, 15);
  await eventually('the ring to leave its place', async () => {
    const after = await ringAt(page);
    return Math.abs(after.x - dragged.x - 29.1) < 4;
  });

  await follow(page).click();
  await isSamePlace(page, before);
});

test('a tracker is followed across the antimeridian', async () => {
  const id = 'followed-across-180';
  const page = await followed(id, 12, 179.9);
  const before = await ringAt(page);
  await moveTo(page, id, 12.01, -179.9, 5);
  await isSamePlace(page, before);
});

test('the camera is not moved by what is no movement', async () => {
  const id = 'followed-and-stopped';
  const page = await followed(id, 27, -143);
  const before = await ringAt(page);
  // Zooming at the edge moves the tracker off its place, until its next fix.
  const box = await page.locator('.map-area').boundingBox();
  await page.mouse.move(box.x + 60, box.y + 450);
  await page.mouse.wheel(0, -120);
  await eventually('the zoom', async () => Math.abs((await ringAt(page)).x - before.x) > 20);
  const zoomed = await ringAt(page);
  await shared.gateway.publish(changed(id, 'motion', 'stopped'));
  await eventually(
    'the status',
    async () => (await page.getByTestId('status').textContent()) === 'Stopped',
  );
  await isSamePlace(page, zoomed);
  await following(page).waitFor();
  await moveTo(page, id, 27.01, -143, 5);
  await isSamePlace(page, before);
});

test('following ends with an arrow key on the map, and not with a zoom', async () => {
  const page = await followed('followed-by-keys', 23, -141);
  await page.locator('.map canvas').focus();
  await page.keyboard.press('+');
  await following(page).waitFor();
  await page.keyboard.press('ArrowLeft');
  await follow(page).waitFor();
});

test('following ends with its tracker and when all are shown', async () => {
  const page = await followed('followed-and-left', 21, -141);
  await shared.gateway.publish(appeared('followed-instead', 21, -142, 'moving'));
  await selectTracker(page, 'followed-instead');
  await follow(page).click();
  await following(page).waitFor();
  await page.getByRole('button', { name: 'Show all trackers' }).click();
  await follow(page).waitFor();
  await follow(page).click();
  await page.getByRole('button', { name: 'Close details' }).click();
  await selectTracker(page, 'followed-and-left');
  await follow(page).waitFor();
});

test('on a phone the tracker stays above the sheet, and a finger ends it', async () => {
  const id = 'followed-on-phone';
  const page = await followed(id, 24, -138, kPhone);
  // The map is drawn with two pixels for one, and the sheet covers its lower part.
  const open = { left: 0, top: 240, right: 780, bottom: 740 };
  const before = await ringAt(page, open);
  await moveTo(page, id, 24.1, -137.9, 5);
  await isSamePlace(page, before, open);

  const devtools = await page.context().newCDPSession(page);
  const touch = (type, points) =>
    devtools.send('Input.dispatchTouchEvent', { type, touchPoints: points });
  await touch('touchStart', [{ x: 100, y: 200 }]);
  for (const step of [1, 2, 3, 4]) await touch('touchMove', [{ x: 100 + step * 15, y: 200 }]);
  await touch('touchEnd', []);
  await follow(page).waitFor();
});
