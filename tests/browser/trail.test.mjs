import assert from 'node:assert/strict';
import { test } from 'node:test';

import { startGateway } from './support/gateway.mjs';
import {
  eventually,
  findColor,
  kDark,
  kPhone,
  kWholeMap,
  mapPixels,
  ringAt,
  row,
  saveScreenshot,
  search,
  selectTracker,
} from './support/page.mjs';
import { addPusher, kKnot } from './support/sources.mjs';
import { suite } from './support/suite.mjs';

const kMinute = 60_000;
const kAtOnce = 8;
const shared = suite(undefined, () => startGateway({}, { demo: false }));

/** A tracker that has pushed `fixes`; what pushes the next ones. */
async function pushed(id, fixes) {
  const push = await addPusher(shared.gateway, id);
  const rest = [...fixes];
  const work = async () => {
    for (let next = rest.shift(); next; next = rest.shift()) await push(next);
  };
  await Promise.all(Array.from({ length: kAtOnce }, work));
  await eventually('the last fix', async () => {
    const { trackers } = await shared.gateway.trackers();
    const newest = Math.max(...fixes.map(({ time }) => time));
    const position = trackers.find((tracker) => tracker.id === id)?.position;
    return position && Math.abs(Date.parse(position.fix_time) - newest) < 1_000;
  });
  return push;
}

/** One fix a minute until now, along a line. */
function line(minutes, place, speed = () => 10) {
  const now = Date.now();
  return Array.from({ length: minutes + 1 }, (_, step) => {
    const [latitude, longitude] = place(step / minutes);
    const time = now - (minutes - step) * kMinute;
    return { latitude, longitude, time, speedMps: speed(step) };
  });
}

const caption = (page) => page.getByTestId('track-caption').textContent();

/** The pixels of the trail: of the accent's hue over the sea, however faint. */
function trailPixels(image, { left, top, right, bottom }) {
  let count = 0;
  let box;
  for (let y = top; y < bottom; y++) {
    for (let x = left; x < right; x++) {
      const at = (y * image.width + x) * 4;
      const [red, , blue] = image.data.subarray(at, at + 3);
      if (blue - red < 50 || red < 0x24) continue;
      count++;
      box = box
        ? {
            left: Math.min(box.left, x),
            right: Math.max(box.right, x),
            top: Math.min(box.top, y),
            bottom: Math.max(box.bottom, y),
          }
        : { left: x, right: x, top: y, bottom: y };
    }
  }
  return { count, box };
}

const seen = async (page, area) => trailPixels(await mapPixels(page), area);

/** Left of the ring, where a tracker that goes east has been, without pill and scale. */
async function wake(page) {
  const ring = await ringAt(page);
  const x = Math.round(ring.x) - 30;
  return { left: 20, right: x, top: 100, bottom: 780 };
}

test('a selected tracker shows where it has been before the page was opened', async () => {
  const fixes = line(
    12,
    (share) => [36 + 0.1 * share, -130 + 0.25 * share],
    (step) => (step === 7 ? 38.5 : 30) * kKnot,
  );
  await pushed('past', fixes);
  const page = await shared.open();
  await selectTracker(page, 'past');
  await eventually('the track', async () => (await caption(page)) === 'last 12 min, up to 38.5 kn');
  await page.locator('.speed-line .speed-path').waitFor();
  const area = await wake(page);
  const trail = await eventually('the trail', async () => {
    const found = await seen(page, area);
    return found.count > 200 && found;
  });
  // Southwest of the ring, and fading towards its beginning.
  const ring = await ringAt(page);
  assert.ok(trail.box.bottom > ring.y + 40 && trail.box.top > ring.y - 10, JSON.stringify(trail));
  await saveScreenshot(page, 'trail-desktop');

  await page.keyboard.press('Escape');
  await eventually('no trail', async () => (await seen(page, area)).count === 0);
});

test('a trail grows with what comes, and takes in what comes late', async () => {
  const push = await pushed('growing', line(3, (share) => [30, -140 + 0.05 * share]));
  const page = await shared.open();
  await selectTracker(page, 'growing');
  await eventually('the track', async () => /^last 3 min/.test(await caption(page)));
  await push({ latitude: 30, longitude: -139.8, time: Date.now() + 60_000, speedMps: 20 * kKnot });
  await eventually('more of it', async () => (await caption(page)) === 'last 4 min, up to 20.0 kn');

  // An older fix moves nothing, so no page hears of it; the next look at the past has it.
  const late = { latitude: 29.9, longitude: -139.98, time: Date.now() - 10.5 * kMinute };
  await push({ ...late, speedMps: 33 * kKnot });
  const history = '/api/trackers/growing/positions?limit=100';
  await eventually('the late fix in the past', async () => {
    const { positions } = await shared.gateway.ask('GET', history);
    return positions.some(({ latitude }) => latitude === 29.9);
  });
  assert.equal(await caption(page), 'last 4 min, up to 20.0 kn');
  await page.keyboard.press('Escape');
  await selectTracker(page, 'growing');
  await eventually(
    'the late fix',
    async () => (await caption(page)) === 'last 11 min, up to 33.0 kn',
  );
});

test('a trail across the antimeridian does not go around the world', async () => {
  const around = (longitude) => (longitude > 180 ? longitude - 360 : longitude);
  await pushed(
    'across',
    line(10, (share) => [15, around(179.6 + 0.8 * share)]),
  );
  const page = await shared.open();
  await selectTracker(page, 'across');
  await eventually('the track', async () => /^last 10 min/.test(await caption(page)));
  const area = await wake(page);
  await eventually('the trail', async () => (await seen(page, area)).count > 200);
  const ring = await ringAt(page);
  const east = { left: Math.round(ring.x) + 40, right: 1000, top: 100, bottom: 840 };
  assert.equal((await seen(page, east)).count, 0, 'nothing where it has not been');

  // From afar the whole trail is a few pixels long; around the world it would be as long as that.
  for (let step = 0; step < 6; step++) {
    await page.getByRole('button', { name: 'Zoom out' }).click();
  }
  const scale = async () => Number.parseFloat(await page.getByTestId('scale').textContent());
  await eventually('the far view', async () => (await scale()) >= 50);
  await ringAt(page);
  const whole = await seen(page, { ...kWholeMap, left: 20 });
  assert.ok(whole.box.right - whole.box.left < 120, JSON.stringify(whole));
});

test('a trail is half an hour and a thousand fixes long at most', async () => {
  const now = Date.now();
  const many = Array.from({ length: 1_200 }, (_, step) => ({
    latitude: 20 + step / 20_000,
    longitude: -150,
    time: now - (1_200 - step) * 1_000,
    speedMps: (step < 100 ? 50 : 12) * kKnot,
  }));
  const old = { latitude: 19, longitude: -150, time: now - 50 * kMinute, speedMps: 90 * kKnot };
  await pushed('long', [old, ...many]);
  const page = await shared.open();
  await selectTracker(page, 'long');
  // A thousand of one a second are 16 minutes and 39 seconds.
  await eventually('the track', async () => (await caption(page)) === 'last 16 min, up to 12.0 kn');
});

test('without the past the page draws what it hears itself', async () => {
  const push = await pushed('alone', line(8, () => [33, -137]));
  const page = await shared.open({}, { allowed: [/net::ERR_FAILED/] });
  await page.route('**/positions?*', (route) => route.abort());
  await selectTracker(page, 'alone');
  await page.getByText('Drawn from the second position on.').waitFor();
  await push({ latitude: 33, longitude: -136.9, time: Date.now() + 60_000, speedMps: 9 * kKnot });
  await eventually('a track', async () => /up to [\d.]+ kn$/.test(await caption(page)));
  assert.match(await caption(page), /^last (1 min|\d+ s), /);
});

test('a trail on a phone, in the light', async () => {
  await pushed('pocket', line(9, (share) => [35 + 0.05 * share, -135 + 0.1 * share]));
  const page = await shared.open({ ...kPhone, colorScheme: 'light' });
  await search(page, 'pocket');
  await row(page, 'pocket').dispatchEvent('click');
  await eventually('the track', async () => /^last 9 min/.test(await caption(page)));
  await eventually('the ring', async () => {
    const image = await mapPixels(page);
    return findColor(image, [0x0a, 0x5f, 0xc4], { bottom: 740 }).count > 60;
  });
  await saveScreenshot(page, 'trail-phone');
});

test('a tracker that is removed goes from list, map and details, followed or not', async () => {
  await pushed('doomed', line(5, (share) => [38, -128 + 0.1 * share]));
  const page = await shared.open();
  await selectTracker(page, 'doomed');
  const area = await wake(page);
  await eventually('the trail', async () => (await seen(page, area)).count > 100);
  await page.getByRole('button', { name: 'Follow' }).click();
  await page.getByRole('button', { name: 'Following' }).waitFor();
  await shared.gateway.ask('DELETE', '/api/trackers/doomed');
  await page.locator('.details').waitFor({ state: 'detached' });
  await page.getByText('No tracker matches').waitFor();
  await search(page, '');
  await eventually('no trail, no marker', async () => {
    const image = await mapPixels(page);
    return trailPixels(image, area).count === 0 && findColor(image, kDark.accent).count === 0;
  });
});
