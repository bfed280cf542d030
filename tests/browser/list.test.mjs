import assert from 'node:assert/strict';
import { test } from 'node:test';

import { appeared, located } from './support/gateway.mjs';
import {
  eventually,
  findColor,
  kDark,
  kWholeMap,
  mapPixels,
  row,
  search,
  withoutWebGl,
} from './support/page.mjs';
import { suite } from './support/suite.mjs';

const shared = suite();

const rowCount = (page) => page.locator('.row').count();
const listed = async (page) =>
  Number((await page.locator('.row').first().getAttribute('aria-setsize')) ?? 0);

test('a status tile filters list and map', async () => {
  const page = await shared.open();
  await eventually(
    'stopped markers',
    async () => findColor(await mapPixels(page), kDark.stopped, kWholeMap).count > 0,
  );
  const moving = page.locator('.tile[data-status="moving"]');
  await moving.click();
  assert.equal(await moving.getAttribute('aria-pressed'), 'true');
  await eventually('no stopped marker', async () => {
    const image = await mapPixels(page);
    return (
      findColor(image, kDark.stopped, kWholeMap).count === 0 &&
      findColor(image, kDark.moving, kWholeMap).count > 0
    );
  });
  for (const text of await page.locator('.row-value').allTextContents()) {
    assert.doesNotMatch(text, /Stopped|Offline|Unknown/);
  }
  await moving.click();
  await eventually(
    'stopped markers again',
    async () => findColor(await mapPixels(page), kDark.stopped, kWholeMap).count > 0,
  );
});

test('search narrows list and map, and says when nothing is found', async () => {
  const page = await shared.open();
  const all = await listed(page);
  await shared.gateway.publish(appeared('needle-9', 36.5, -124, 'moving', { course: 10 }));
  await search(page, 'NEEDLE 9');
  await eventually('one row', async () => (await rowCount(page)) === 1);
  await row(page, 'needle-9').waitFor();
  await eventually('an almost empty map', async () => {
    const image = await mapPixels(page);
    return findColor(image, kDark.stopped).count < 80;
  });

  await search(page, 'no ship is called so');
  await page.getByText('No tracker matches').waitFor();
  await page.getByText('Try another word, or clear the filters.').waitFor();
  await page.getByRole('button', { name: 'Clear filters' }).click();
  await eventually('the whole list', async () => (await listed(page)) >= all);
});

test('the client menu filters and shows counts, by keyboard alone', async () => {
  const page = await shared.open();
  const { clients } = await shared.gateway.trackers();
  assert.ok(clients.length > 0, 'the demo has clients');
  const button = page.getByRole('button', { name: /^Client:/ });
  await button.focus();
  await page.keyboard.press('ArrowDown');
  const list = page.getByRole('listbox', { name: 'Client' });
  await list.waitFor();
  await page.keyboard.press('ArrowDown');
  const active = list.locator('[data-active="true"]');
  const name = await active.locator('.menu-label').textContent();
  const count = Number((await active.locator('.menu-count').textContent()).replaceAll(',', ''));
  await page.keyboard.press('Enter');
  await list.waitFor({ state: 'detached' });
  assert.ok(clients.some((client) => client.name === name));
  await eventually('the rows of one client', async () =>
    (await page.locator('.row-client').allTextContents()).every((text) => text === name),
  );
  await eventually(
    'the count of the menu',
    async () => Math.abs((await listed(page)) - count) <= 2,
  );
  assert.ok(await button.evaluate((element) => element === document.activeElement));
});

test('the orders of the list', async () => {
  const page = await shared.open();
  const order = async (label) => {
    await page.getByRole('button', { name: /^Order:/ }).click();
    await page.getByRole('option', { name: label, exact: true }).click();
  };
  await order('Speed');
  await eventually('falling speeds', async () => {
    const texts = await page.locator('.row-value').allTextContents();
    const speeds = texts.map((text) => Number.parseFloat(text));
    return speeds.length > 5 && speeds.every((speed, at) => at === 0 || speed <= speeds[at - 1]);
  });
  await order('Name');
  await eventually('names in order', async () => {
    const names = (await page.locator('.row-name').allTextContents()).map((name) =>
      name
        .normalize('NFD')
        .replace(/\p{Mn}/gu, '')
        .toLowerCase(),
    );
    return names.length > 5 && names.every((name, at) => at === 0 || name >= names[at - 1]);
  });
});

test('the list goes by keys, and / and Esc do their work', async () => {
  const page = await shared.open();
  await page.locator('.list').focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('PageDown');
  const active = page.locator('.row[data-active="true"]');
  const place = Number(await active.getAttribute('aria-posinset'));
  assert.ok(place > 3, `${place}`);
  assert.equal(
    await page.locator('.list').getAttribute('aria-activedescendant'),
    await active.getAttribute('id'),
  );
  await page.keyboard.press('End');
  const last = await listed(page);
  await eventually(
    'the last row',
    async () => Math.abs(Number(await active.getAttribute('aria-posinset')) - last) <= 2,
  );
  await page.keyboard.press('Home');
  await page.keyboard.press('Enter');
  await page.locator('.details').waitFor();
  await page.keyboard.press('Escape');
  await page.locator('.details').waitFor({ state: 'detached' });

  await page.keyboard.press('/');
  await page.keyboard.type('zzz-nothing');
  await page.getByText('No tracker matches').waitFor();
  await page.keyboard.press('Escape');
  await page.locator('.row').first().waitFor();
});

test('the Tab key goes through the page in order', async () => {
  const page = await shared.open();
  await page.getByRole('button', { name: 'Zoom in' }).waitFor();
  await page.locator('body').click({ position: { x: 180, y: 30 } });
  const seen = [];
  for (let step = 0; step < 16; step++) {
    await page.keyboard.press('Tab');
    seen.push(
      await page.evaluate(() => {
        const element = document.activeElement;
        if (!element || element === document.body) return 'the window';
        const outline = getComputedStyle(element).outlineStyle;
        const ringed = outline !== 'none' || element.matches('input, .list');
        const name = element.getAttribute('aria-label') ?? element.textContent;
        return `${ringed ? '' : 'no ring: '}${name.trim().slice(0, 40)}`;
      }),
    );
  }
  const place = (pattern) => {
    const at = seen.findIndex((name) => pattern.test(name));
    assert.notEqual(at, -1, `${pattern} in ${seen.join(' | ')}`);
    return at;
  };
  const places = [
    /^Search/,
    /Moving$/,
    /Unknown$/,
    /^Client:/,
    /^Order:/,
    /^Trackers$/,
    /^Units:/,
    /^Use the light theme/,
    /^Map of the trackers/,
    /^Zoom in/,
    /^Show all trackers/,
  ].map(place);
  assert.deepEqual(
    places,
    [...places].sort((a, b) => a - b),
  );
  assert.equal(
    seen.find((name) => name.startsWith('no ring')),
    undefined,
  );
});

test('a hundred thousand trackers keep fewer than 40 rows in the page', async () => {
  // Without its map the page takes them faster; drawing is not what is tested here.
  const page = await shared.open({}, { prepare: withoutWebGl });
  const before = await listed(page);
  const kMany = 100_000;
  const kBatch = 2_500;
  for (let first = 0; first < kMany; first += kBatch) {
    await shared.gateway.publish(
      Array.from({ length: kBatch }, (_, offset) => {
        const number = first + offset;
        return located(`many-${number}`, (number % 140) - 70, (number % 3_590) / 10 - 179, {
          speed: 4,
          course: number % 360,
        });
      }),
    );
    // Not faster than the page reads: a client that falls behind for long is disconnected.
    await eventually('the batch', async () => (await listed(page)) >= before + first + kBatch);
  }
  assert.ok((await rowCount(page)) < 40);
  const list = page.locator('.list');
  for (const share of [0.3, 0.77, 1]) {
    await list.evaluate((element, part) => {
      element.scrollTop = element.scrollHeight * part;
    }, share);
    await eventually('rows in sight', async () => {
      const top = await list.evaluate((element) => Math.floor(element.scrollTop / 60));
      const first = Number(await page.locator('.row').first().getAttribute('aria-posinset'));
      return first > 0 && Math.abs(first - 1 - top) <= 12;
    });
    assert.ok((await rowCount(page)) < 40);
  }
  await search(page, 'many-99999');
  await eventually('one of them', async () => (await rowCount(page)) === 1);
});
