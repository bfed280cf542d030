import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { changed, located } from './support/gateway.mjs';
import {
  eventually,
  findColor,
  kDark,
  kWholeMap,
  mapPixels,
  row,
  search,
  selectTracker,
} from './support/page.mjs';
import {
  counted,
  isSignedIn,
  makePrivate,
  markPage,
  notice,
  wholeFleet,
} from './support/people.mjs';
import { startProxy } from './support/proxy.mjs';
import { kConnectionFaults, suite } from './support/suite.mjs';
import { assertMentions, mentions, recordTraffic } from './support/traffic.mjs';

const kOwn = 'bay-ferries';
const kOther = 'harbour-line';

let own;
let others;
let foreign;
// Nothing is public here: whoever sees a tracker owns it, or is an admin.
const shared = suite(async (gateway) => {
  const trackers = await wholeFleet(gateway);
  await makePrivate(gateway, trackers);
  own = trackers.filter((tracker) => tracker.client_id === kOwn);
  others = trackers.filter((tracker) => tracker.client_id !== kOwn);
  const ownWords = new Set(own.flatMap((tracker) => [tracker.id, tracker.name]));
  foreign = others
    .flatMap((tracker) => [tracker.id, tracker.name])
    .filter((word) => !ownWords.has(word));
  assert.ok(own.length > 5 && others.length > 1_000);
});
const closers = [];

after(() => Promise.all(closers.map((close) => close())));

async function openAs(client, { record = false, ...how } = {}) {
  let traffic;
  const rights = ['--role', 'user', '--client', client];
  const token = await shared.gateway.makeToken('--sub', client, ...rights);
  const page = await shared.open(
    {},
    {
      ...how,
      token,
      prepare: async (opening) => {
        if (record) traffic = await recordTraffic(opening);
      },
    },
  );
  await isSignedIn(page, client);
  return { page, traffic };
}

async function openAsAdmin() {
  let traffic;
  const page = await shared.open(
    {},
    {
      token: await shared.gateway.makeToken('--sub', 'root', '--role', 'admin'),
      prepare: async (opening) => (traffic = await recordTraffic(opening)),
    },
  );
  await isSignedIn(page, 'root');
  return { page, traffic };
}

/** What is the same for every visitor, place names among it. */
const isAsset = ({ source }) => source.startsWith('/assets/');

test('a user sees the trackers of the own client and of no other', async () => {
  const { page } = await openAs(kOwn);
  await eventually('exactly these', async () => (await counted(page)) === own.length);
  await page.getByRole('button', { name: /^Client:/ }).click();
  const clients = await page.getByRole('option').locator('.menu-label').allTextContents();
  assert.deepEqual(clients, ['All clients', 'Bay Ferries']);
  await page.keyboard.press('Escape');
  await search(page, others[0].id);
  await page.getByText('No tracker matches').waitFor();
});

test('and of what it may not see nothing reaches the page at all', async () => {
  const { page, traffic } = await openAs(kOwn, { record: true });
  // The same events reach somebody who may see them, or silence would prove nothing.
  const admin = await openAsAdmin();
  const target = others.find((tracker) => tracker.client_id === kOther);
  const mine = own[0];
  await eventually('traffic', async () => {
    await shared.gateway.publish([
      located(target.id, 36, -130),
      changed(target.id, 'motion', 'moving'),
      located(mine.id, 36.5, -130),
    ]);
    const parts = await admin.traffic.parts();
    const ours = await traffic.parts();
    const heard = (where, word) =>
      mentions(where, [word]).some(({ source }) => source === 'websocket');
    return heard(parts, target.id) && heard(ours, mine.id);
  });
  assertMentions(await admin.traffic.parts(), foreign, '/api/trackers');
  assertMentions(await admin.traffic.parts(), foreign, 'websocket');

  // Everything one can do on the page that asks the server for something.
  await selectTracker(page, mine.id);
  await page.keyboard.press('Escape');
  await search(page, target.id);
  await page.getByText('No tracker matches').waitFor();
  await search(page, '');

  const parts = (await traffic.parts()).filter((part) => !isAsset(part));
  assertMentions(parts, [mine.id], '/api/trackers');
  assertMentions(parts, [mine.id], 'websocket');
  assert.deepEqual(mentions(parts, foreign), []);
});

test('an anonymous visitor gets nothing of it either', async () => {
  let traffic;
  const page = await shared.open(
    {},
    {
      until: '.list-empty',
      prepare: async (opening) => (traffic = await recordTraffic(opening)),
    },
  );
  await page.getByText('No trackers yet').waitFor();
  assert.equal(await counted(page), 0);
  const admin = await openAsAdmin();
  await eventually('traffic', async () =>
    mentions(await admin.traffic.parts(), foreign).some(({ source }) => source === 'websocket'),
  );
  const parts = (await traffic.parts()).filter((part) => !isAsset(part));
  assert.ok(parts.some(({ source }) => source === 'websocket'));
  assert.deepEqual(mentions(parts, [...foreign, ...own.map((tracker) => tracker.id)]), []);
});

test('the map shows no marker of what the list does not have', async () => {
  const admin = await openAsAdmin();
  await admin.page.getByRole('button', { name: 'Show all trackers' }).click();
  const of = async (page) => findColor(await mapPixels(page), kDark.stopped, kWholeMap).count;
  await eventually('a full map', async () => (await of(admin.page)) > 50);
  const page = await shared.open({}, { until: '.list-empty' });
  await page.getByRole('button', { name: 'Zoom in' }).waitFor();
  assert.equal(await of(page), 0);
});

test('a tracker that changes hands goes from one open page to the other', async () => {
  const giver = await openAs(kOwn);
  const taker = await openAs(kOther, { record: true });
  const stays = await markPage(giver.page);
  const given = own[1];
  await selectTracker(giver.page, given.id);
  await search(taker.page, given.id);
  await taker.page.getByText('No tracker matches').waitFor();
  assert.deepEqual(mentions(await taker.traffic.parts(), [given.id]), []);

  await shared.gateway.ask('PATCH', `/api/trackers/${given.id}`, { client_id: kOther });
  await giver.page.locator('.details').waitFor({ state: 'detached' });
  await giver.page.getByText('No tracker matches').waitFor();
  await row(taker.page, given.id).waitFor();
  await search(giver.page, '');
  await eventually('one less', async () => (await counted(giver.page)) === own.length - 1);
  assert.ok(await stays());

  await shared.gateway.ask('PATCH', `/api/trackers/${given.id}`, { client_id: kOwn });
  await taker.page.getByText('No tracker matches').waitFor();
  await eventually('all again', async () => (await counted(giver.page)) === own.length);
});

test('a tracker that is made public comes to open pages, and goes again', async () => {
  const { page } = await openAs(kOwn);
  const shown = others[3];
  await search(page, shown.id);
  await page.getByText('No tracker matches').waitFor();
  await shared.gateway.ask('PATCH', `/api/trackers/${shown.id}`, { public: true });
  await row(page, shown.id).waitFor();
  assert.equal(await row(page, shown.id).locator('.row-name').textContent(), shown.name);
  await shared.gateway.ask('PATCH', `/api/trackers/${shown.id}`, { public: false });
  await page.getByText('No tracker matches').waitFor();
});

test('what changed hands while the connection was cut is not there on the way back', async () => {
  const proxy = await startProxy(shared.gateway.port);
  closers.push(() => proxy.stop());
  const { page } = await openAs(kOwn, { url: proxy.url, allowed: kConnectionFaults });
  const given = own[2];
  // An event has to have come, or there is no offset to resume from.
  await shared.gateway.publish([located(own[0].id, 36.6, -131)]);
  await selectTracker(page, given.id);
  proxy.cut();
  await eventually('the cut', async () => /Connection lost/.test(await notice(page)));
  await shared.gateway.ask('PATCH', `/api/trackers/${given.id}`, { client_id: kOther });
  proxy.restore();
  await page.locator('.details').waitFor({ state: 'detached' });
  await page.getByText('No tracker matches').waitFor();
  await shared.gateway.ask('PATCH', `/api/trackers/${given.id}`, { client_id: kOwn });
  await row(page, given.id).waitFor();
});
