import assert from 'node:assert/strict';
import { test } from 'node:test';

import { appeared, changed, located } from './support/gateway.mjs';
import {
  eventually,
  findColor,
  kDark,
  kFreeMap,
  mapPixels,
  row,
  search,
  selectTracker,
} from './support/page.mjs';
import { suite } from './support/suite.mjs';

const shared = suite();

async function tileCounts(page) {
  const texts = await page.getByTestId('count').allTextContents();
  return texts.map((text) => Number(text.replaceAll(',', '')));
}

test('the tiles count every tracker of the list', async () => {
  const page = await shared.open();
  const { trackers } = await shared.gateway.trackers();
  await eventually('the sum of the tiles', async () => {
    const sum = (await tileCounts(page)).reduce((total, count) => total + count, 0);
    return sum >= trackers.length;
  });
  assert.ok(trackers.length > 100, 'the demo has ships');
  assert.equal(await page.getByTestId('badge').textContent(), 'Live');
});

test('ships of the demo move on the map, and the rate says so', async () => {
  const page = await shared.open();
  await eventually(
    'an update',
    async () => Number(await page.getByTestId('rate').textContent()) > 0,
  );
  const first = await eventually('markers', async () => {
    const image = await mapPixels(page);
    return findColor(image, kDark.moving, kFreeMap).count > 0 && image;
  });
  await eventually('a marker that moved', async () => {
    const next = await mapPixels(page);
    let different = 0;
    for (let y = kFreeMap.top; y < kFreeMap.bottom; y++) {
      for (let x = kFreeMap.left; x < kFreeMap.right; x++) {
        const at = (y * next.width + x) * 4;
        if (Math.abs(next.data[at + 2] - first.data[at + 2]) > 40) different++;
      }
    }
    return different > 4;
  });
});

test('an update moves the marker and changes row and details', async () => {
  const id = 'moved-by-test';
  const page = await shared.open();
  await shared.gateway.publish(appeared(id, 36, -130, 'moving', { speed: 5, course: 90 }));
  await selectTracker(page, id);
  await eventually('the speed in the row', async () =>
    (await row(page, id).textContent()).includes('9.7 kn'),
  );
  const ring = () => mapPixels(page).then((image) => findColor(image, kDark.accent, kFreeMap));
  const before = await eventually('the ring', async () => {
    const found = await ring();
    return found.count > 60 && found;
  });

  await shared.gateway.publish(
    located(id, 36, -129.98, {
      speed: 10,
      course: 45,
      fix_time: new Date(Date.now() + 70_000).toISOString(),
    }),
  );
  await eventually(
    'the new speed',
    async () => (await page.getByTestId('speed').textContent()) === '19.4 kn',
  );
  assert.equal(await page.getByTestId('course').textContent(), '45° NE');
  assert.match(await page.getByTestId('position').textContent(), /36\.00000° N, 129\.98000° W/);
  await eventually('the row', async () => (await row(page, id).textContent()).includes('19.4 kn'));
  assert.match(await page.getByTestId('track-caption').textContent(), /up to 19\.4 kn/);
  // 0.02 degrees are 29 pixels at the zoom a selection flies to.
  await eventually('the ring to move', async () => {
    const after = await ring();
    return Math.abs(after.x - before.x - 29.1) < 4 && Math.abs(after.y - before.y) < 4;
  });
});

test('a change of status recolours marker, row and details', async () => {
  const id = 'recoloured-by-test';
  const page = await shared.open();
  await shared.gateway.publish(appeared(id, 30, -135, 'moving', { speed: 5, course: 0 }));
  await selectTracker(page, id);
  const pixels = async (color) => findColor(await mapPixels(page), color, kFreeMap).count;
  await eventually('the moving marker', async () => (await pixels(kDark.moving)) > 10);

  await shared.gateway.publish(changed(id, 'motion', 'stopped'));
  await eventually('the stopped marker', async () => (await pixels(kDark.stopped)) > 10);
  assert.equal(await page.getByTestId('status').textContent(), 'Stopped');
  await eventually('the stopped row', async () =>
    (await row(page, id).textContent()).includes('Stopped'),
  );

  await shared.gateway.publish(changed(id, 'connectivity', 'offline'));
  await eventually('the offline row', async () =>
    (await row(page, id).textContent()).includes('Offline'),
  );
  assert.equal(await pixels(kDark.stopped), 0);
});

test('a tracker known from a status alone was never heard', async () => {
  const id = 'silent-by-test';
  const page = await shared.open();
  await shared.gateway.publish(changed(id, 'connectivity', 'unknown'));
  await selectTracker(page, id);
  const details = page.locator('.details');
  await details.getByText('Never heard', { exact: true }).waitFor();
  await details.getByText('This tracker has not sent a position yet.').waitFor();
  assert.equal(await details.getByRole('button', { name: 'Follow' }).count(), 0);
  assert.match(await row(page, id).textContent(), /never heard/);
});

test('ages tick without any event', async () => {
  const id = 'aging-by-test';
  const page = await shared.open();
  const fixTime = new Date(Date.now() - 10_000).toISOString();
  await shared.gateway.publish(appeared(id, 33, -131, 'moving', { fix_time: fixTime }));
  await search(page, id);
  const age = async () => {
    const match = /(\d+) s ago/.exec(await row(page, id).textContent());
    return match ? Number(match[1]) : undefined;
  };
  const first = await eventually('an age in seconds', age);
  const second = await eventually('a greater age', async () => {
    const now = await age();
    return now > first && now;
  });
  assert.ok(second >= first + 1);
});

test('an older fix does not move a tracker back', async () => {
  const id = 'late-by-test';
  const page = await shared.open();
  await shared.gateway.publish(appeared(id, 35, -131, 'moving', { speed: 5 }));
  await selectTracker(page, id);
  await eventually('the position', async () =>
    (await page.getByTestId('position').textContent()).startsWith('35.00000°'),
  );
  const old = new Date(Date.now() - 600_000).toISOString();
  await shared.gateway.publish(located(id, 20, -131, { fix_time: old }));
  // A later event of the same tracker shows that the old fix was there and not taken.
  await shared.gateway.publish(changed(id, 'motion', 'stopped'));
  await eventually(
    'the later event',
    async () => (await page.getByTestId('status').textContent()) === 'Stopped',
  );
  assert.match(await page.getByTestId('position').textContent(), /^35\.00000°/);
});
