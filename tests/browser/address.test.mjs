import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { startGateway } from './support/gateway.mjs';
import { houseNumber, startWithNominatim } from './support/geocoders.mjs';
import { eventually, kPhone, row, saveScreenshot, search, selectTracker } from './support/page.mjs';
import { signIn } from './support/people.mjs';
import { startProxy } from './support/proxy.mjs';
import { addPusher, addTracker } from './support/sources.mjs';
import { kConnectionFaults, suite } from './support/suite.mjs';

const kAnswersNot = 'The address service does not answer';
const kMetre = 1 / 111_195;

// Only what the offline index says is shown at once; the others say nothing until they know.
const sources = {};
const closers = [];
after(() => Promise.all(closers.map((close) => close())));

const shared = suite(undefined, async () => {
  const [patient, quick] = await Promise.all([
    startWithNominatim(['provisional = false']),
    startWithNominatim(),
  ]);
  Object.assign(sources, { patient, quick });
  closers.push(() => quick.gateway.stop());
  return patient.gateway;
});

const part = (page) => page.locator('.address');
const text = (page) => page.getByTestId('address');
const phase = (page) => part(page).getAttribute('data-phase');
const again = (page) => part(page).getByRole('button', { name: 'Try again' });
const requests = ({ nominatim }) => nominatim.requests.length;

/** Waits until the address line says `words`. */
function says(page, words) {
  return eventually(`"${words}"`, async () => (await text(page).innerText()).includes(words));
}

function saysHouse(page, latitude) {
  return says(page, `${houseNumber(latitude)}, Quay Road`);
}

/** A tracker that is somewhere; gives what moves it. */
async function place(gateway, id, latitude, longitude) {
  const push = await addPusher(gateway, id);
  let time = Date.now() - 3_600_000;
  const move = (to, more = longitude) =>
    push({ latitude: to, longitude: more, time: (time += 60_000), speedMps: 5 });
  await move(latitude);
  return move;
}

async function openAt(id, { source = sources.patient, gateway = source.gateway, ...how } = {}) {
  const { options = {}, url = gateway.url, ...more } = how;
  const page = await shared.open(options, { url, ...more });
  await search(page, id);
  await row(page, id).dispatchEvent('click');
  await page.locator('.details').waitFor();
  return page;
}

async function isAsked({ nominatim }, times = 1) {
  await eventually('the question', () => nominatim.held >= times);
}

test('an address is looked up with the place in the line, and shown', async () => {
  const source = sources.patient;
  await place(source.gateway, 'lined', 51.501, -0.12);
  source.nominatim.behave('held');
  // Others have asked before: one is being looked up, the rest wait.
  const before = [1, 2, 3].map((step) =>
    fetch(`${source.gateway.url}/api/geocode/reverse?latitude=${40 + step}&longitude=1`),
  );
  await isAsked(source);
  const page = await openAt('lined');
  await eventually('the line', async () =>
    /^Looking up the address, number \d+ in line$/.test((await text(page).innerText()).trim()),
  );
  assert.equal(await phase(page), 'asking');
  await page.locator('.shimmer').waitFor();
  const height = (await part(page).boundingBox()).height;
  await saveScreenshot(page, 'address-line');
  source.nominatim.release();
  await saysHouse(page, 51.501);
  assert.match(await text(page).innerText(), /Testhaven, England, TE5 7ST, United Kingdom/);
  assert.equal(await phase(page), 'known');
  assert.equal((await part(page).boundingBox()).height, height);
  assert.equal(await text(page).getAttribute('role'), 'status');
  await saveScreenshot(page, 'address-known');
  await Promise.all(before);
});

test('who is next in the line is told so', async () => {
  const source = sources.patient;
  await place(source.gateway, 'next', 52.001, 1);
  source.nominatim.behave('held');
  const page = await openAt('next');
  await says(page, 'Looking up the address, next in line');
  source.nominatim.release();
  await saysHouse(page, 52.001);
});

test('the names are in the language of the browser', async () => {
  const source = sources.patient;
  await place(source.gateway, 'spoken', 49.001, 14);
  const page = await openAt('spoken', { options: { locale: 'cs-CZ' } });
  await saysHouse(page, 49.001);
  assert.match(source.nominatim.languages.at(-1), /^cs/);
});

test('an approximate address is shown at once, and becomes the one with a street', async () => {
  const source = sources.quick;
  await place(source.gateway, 'better', 50.0871, 14.4208);
  source.nominatim.behave('held');
  const page = await openAt('better', { source });
  await page.getByTestId('address-coming').waitFor();
  assert.match(await page.getByTestId('address-coming').innerText(), /^Looking closer/);
  assert.equal(await phase(page), 'known');
  assert.match(await text(page).innerText(), /Czechia/);
  const body = await part(page).boundingBox();
  await saveScreenshot(page, 'address-coming');
  await isAsked(source);
  source.nominatim.release();
  await saysHouse(page, 50.0871);
  await page.getByTestId('address-coming').waitFor({ state: 'detached' });
  assert.deepEqual(await part(page).boundingBox(), body);
});

test('a lookup that fails keeps the approximate address, and can be tried again', async () => {
  const source = sources.quick;
  await place(source.gateway, 'approximate', 50.2, 14.6);
  source.nominatim.behave('failing');
  const page = await openAt('approximate', { source });
  await page.getByTestId('address-problem').waitFor();
  assert.match(await text(page).innerText(), /Czechia/);
  assert.equal(await page.getByTestId('address-problem').getAttribute('title'), kAnswersNot);
  await saveScreenshot(page, 'address-approximate');
  source.nominatim.behave('healthy');
  await again(page).click();
  await saysHouse(page, 50.2);
  assert.equal(await page.getByTestId('address-problem').count(), 0);
});

test('a service that does not answer is told, and tried again with the keyboard', async () => {
  const source = sources.patient;
  await place(source.gateway, 'failing', 53.001, 2);
  source.nominatim.behave('failing');
  const page = await openAt('failing');
  await says(page, kAnswersNot);
  assert.equal(await phase(page), 'failed');
  await saveScreenshot(page, 'address-failed');
  await again(page).focus();
  source.nominatim.behave('held');
  await page.keyboard.press('Enter');
  await says(page, 'Looking up the address');
  // The button is gone, and the focus has not fallen to the start of the page.
  assert.ok(await text(page).evaluate((element) => element === document.activeElement));
  await isAsked(source);
  source.nominatim.release();
  await saysHouse(page, 53.001);
});

test('a service that is busy is told as that', async () => {
  const source = await startWithNominatim(['provisional = false', 'max_waiting = 1']);
  closers.push(() => source.gateway.stop());
  await place(source.gateway, 'busy', 54.001, 3);
  source.nominatim.behave('held');
  const reverse = `${source.gateway.url}/api/geocode/reverse`;
  const waiting = [1, 2, 3].map((step) => fetch(`${reverse}?latitude=${40 + step}&longitude=1`));
  await isAsked(source);
  await Promise.any(
    waiting.map(async (question) => assert.equal((await question).status, 503)),
  );
  const page = await openAt('busy', { source });
  await says(page, 'The address service is busy');
  source.nominatim.release();
  await Promise.all(waiting);
  await again(page).click();
  await saysHouse(page, 54.001);
});

test('who asks too much is told when to come back', async () => {
  const { gateway } = await startWithNominatim(['provisional = false'], {
    RATE_LIMITS_GEOCODING_SESSION_PER_SECOND: '0.016',
    RATE_LIMITS_GEOCODING_SESSION_BURST: '1',
  });
  closers.push(() => gateway.stop());
  await place(gateway, 'one', 55.001, 4);
  await place(gateway, 'two', 55.002, 4);
  const page = await openAt('one', { gateway });
  await saysHouse(page, 55.001);
  await selectTracker(page, 'two');
  await eventually('the refusal', async () =>
    /^Too many lookups\. Try again in (a minute|\d+ s)\.$/.test(
      (await text(page).innerText()).trim(),
    ),
  );
  await again(page).waitFor();
  await saveScreenshot(page, 'address-limited');
});

test('at open sea there is no address, and without a network an index knows the rest', async () => {
  const gateway = await startGateway({}, { demo: false });
  closers.push(() => gateway.stop());
  await place(gateway, 'atlantic', 35, -45);
  await place(gateway, 'ashore', 49.3088, 14.1475);
  const page = await openAt('atlantic', { gateway });
  await says(page, 'No address at this position');
  assert.equal(await phase(page), 'nothing');
  assert.equal(await again(page).count(), 0);
  assert.doesNotMatch(await page.locator('.credit').innerText(), /·/);
  await saveScreenshot(page, 'address-none');
  await selectTracker(page, 'ashore');
  await says(page, 'Czechia');
  assert.equal(await page.getByTestId('address-coming').count(), 0);
});

test('whose data it is stands beside whose the map is', async () => {
  const source = sources.quick;
  await place(source.gateway, 'credited', 48.001, 11);
  const page = await openAt('credited', { source });
  await saysHouse(page, 48.001);
  const link = page.locator('.credit').getByRole('link', { name: '© OpenStreetMap contributors' });
  await link.waitFor();
  assert.equal(await link.getAttribute('href'), 'https://www.openstreetmap.org/copyright');
  assert.match(await page.locator('.credit').innerText(), /^Natural Earth, GeoNames · /);
});

test('a server without addresses has no address line', async () => {
  const gateway = await startGateway(
    {},
    { config: '[geocoding]\nenabled = false\n', demo: false },
  );
  closers.push(() => gateway.stop());
  await place(gateway, 'plain', 48, 11);
  await place(gateway, 'plainer', 49, 11);
  const page = await openAt('plain', { gateway });
  await page.getByTestId('position').waitFor();
  await part(page).waitFor({ state: 'detached' });
  await selectTracker(page, 'plainer');
  await page.getByTestId('position').waitFor();
  assert.equal(await part(page).count(), 0);
  assert.equal(await page.locator('.credit').innerText(), 'Natural Earth, GeoNames');
});

test('a tracker that was never heard has no address', async () => {
  await addTracker(shared.gateway, 'silent');
  const page = await openAt('silent');
  await page.getByText('Never heard', { exact: true }).waitFor();
  assert.equal(await part(page).count(), 0);
});

test('a tracker that moves on by 100 m is asked about again, not at every step', async () => {
  const source = sources.patient;
  const move = await place(source.gateway, 'moving', 57.001, 5);
  const page = await openAt('moving');
  await saysHouse(page, 57.001);
  const first = requests(source);
  const position = (wanted) =>
    eventually('the position', async () =>
      (await page.getByTestId('position').textContent()).startsWith(wanted.toFixed(5)),
    );
  const near = 57.001 + 80 * kMetre;
  await move(near);
  await position(near);
  assert.equal(requests(source), first);
  // It goes on by 3 km in 30 steps, which take less than a question every ten seconds allows.
  const started = Date.now();
  for (let step = 1; step <= 30; step++) await move(57.001 + step * 100 * kMetre);
  const last = 57.001 + 3_000 * kMetre;
  await position(last);
  const asked = requests(source) - first;
  assert.ok(asked <= 1 + (Date.now() - started) / 10_000, `asked ${asked} times`);
  await saysHouse(page, last);
});

test('what is told late changes nothing at another tracker', async () => {
  const source = sources.patient;
  await place(source.gateway, 'left', 58.001, 6);
  await place(source.gateway, 'chosen', 58.501, 6);
  source.nominatim.behave('held');
  const page = await openAt('left');
  await says(page, 'Looking up the address');
  await isAsked(source);
  await selectTracker(page, 'chosen');
  await says(page, 'Looking up the address');
  const seen = [];
  await page.exposeFunction('seen', (words) => seen.push(words));
  await text(page).evaluate((element) => {
    const tell = () => globalThis.seen(element.textContent);
    new MutationObserver(tell).observe(element, {
      subtree: true,
      childList: true,
      characterData: true,
    });
  });
  source.nominatim.release();
  await saysHouse(page, 58.501);
  await eventually('the news', () => seen.some((words) => words.startsWith('501, Quay')));
  assert.deepEqual(
    seen.filter((words) => words.startsWith('1, Quay')),
    [],
  );
});

test('an answer that comes while the connection is lost is there afterwards', async () => {
  const source = sources.patient;
  const proxy = await startProxy(source.gateway.port);
  closers.push(() => proxy.stop());
  await place(source.gateway, 'cut', 59.001, 7);
  source.nominatim.behave('held');
  const page = await openAt('cut', { url: proxy.url, allowed: kConnectionFaults });
  await says(page, 'Looking up the address, ');
  await isAsked(source);
  proxy.cut();
  await eventually('the banner', async () =>
    /Connection lost/.test(await page.locator('.notices').innerText()),
  );
  source.nominatim.release();
  assert.equal(await phase(page), 'asking');
  proxy.restore();
  await saysHouse(page, 59.001);
});

test('a tracker that is selected without a connection is asked about afterwards', async () => {
  const source = sources.patient;
  const proxy = await startProxy(source.gateway.port);
  closers.push(() => proxy.stop());
  await place(source.gateway, 'early', 59.201, 8);
  await place(source.gateway, 'meanwhile', 59.301, 8);
  const page = await openAt('early', { url: proxy.url, allowed: kConnectionFaults });
  await saysHouse(page, 59.201);
  proxy.cut();
  await eventually('the banner', async () =>
    /Connection lost/.test(await page.locator('.notices').innerText()),
  );
  await selectTracker(page, 'meanwhile');
  await says(page, 'Looking up the address');
  proxy.restore();
  await saysHouse(page, 59.301);
});

test('who signs in meanwhile is told the address anew', async () => {
  const source = sources.patient;
  await place(source.gateway, 'shared', 59.401, 8);
  await source.gateway.addUser('ada', 'a password of hers', '--role', 'admin');
  const asked = [];
  const watch = (page) =>
    page.on('websocket', (socket) =>
      socket.on('framesent', ({ payload }) => {
        const question = /"request_geocoding",(\{.*\})\]$/.exec(String(payload));
        if (question) asked.push(JSON.parse(question[1]).request_id);
      }),
    );
  const page = await openAt('shared', { prepare: watch });
  await saysHouse(page, 59.401);
  assert.equal(asked.length, 1);
  await signIn(page, 'ada', 'a password of hers');
  await eventually('another question', () => asked.length === 2);
  await saysHouse(page, 59.401);
  assert.equal(new Set(asked).size, 2);
});

test('the address of a place is nothing but text', async () => {
  const source = await startWithNominatim(['provisional = false']);
  closers.push(() => source.gateway.stop());
  source.nominatim.answer = (_request, response, { searchParams }) => {
    const [lat, lon] = [searchParams.get('lat'), searchParams.get('lon')];
    const address = { road: '<img src=x onerror=alert(1)>', country_code: 'gb' };
    const named = '<img src=x onerror=alert(1)>, <b>Here</b>';
    response.writeHead(200, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify({ lat, lon, address, display_name: named }));
  };
  await place(source.gateway, 'named', 60.001, 9);
  const page = await openAt('named', { source });
  await says(page, '<img src=x onerror=alert(1)>');
  await says(page, '<b>Here</b>');
  assert.equal(await text(page).locator('img, b').count(), 0);
});

test('on a phone it is in the sheet, with its sources and a button for fingers', async () => {
  const source = sources.quick;
  await place(source.gateway, 'pocket', 50.301, 14.7);
  source.nominatim.behave('failing');
  const page = await openAt('pocket', { source, options: kPhone });
  await again(page).waitFor();
  const box = await again(page).boundingBox();
  assert.ok(box.height >= 44, `${box.height} pixels high`);
  assert.ok(box.y + box.height <= 844, 'it is within the window');
  const whole = await part(page).boundingBox();
  assert.ok(whole.x >= 0 && whole.x + whole.width <= 390);
  await page.locator('.address-sources').getByText('© OpenStreetMap contributors').waitFor();
  await saveScreenshot(page, 'address-phone');
  source.nominatim.behave('held');
  await again(page).tap();
  await page.getByTestId('address-coming').waitFor();
  await isAsked(source);
  source.nominatim.release();
  await saysHouse(page, 50.301);
});

test('who wants less motion sees nothing shimmer', async () => {
  const source = sources.patient;
  await place(source.gateway, 'still', 61.001, 10);
  source.nominatim.behave('held');
  const animation = (page) =>
    page.locator('.shimmer').evaluate((element) => getComputedStyle(element).animationName);
  const page = await openAt('still');
  await page.locator('.shimmer').waitFor();
  assert.equal(await animation(page), 'none');
  const lively = await openAt('still', { options: { reducedMotion: 'no-preference' } });
  await lively.locator('.shimmer').waitFor();
  assert.match(await animation(lively), /shimmer/);
  source.nominatim.release();
  await saysHouse(page, 61.001);
});
