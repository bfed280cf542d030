import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { eventually, kPhone, row, saveScreenshot, search, selectTracker } from './support/page.mjs';
import { startProxy } from './support/proxy.mjs';
import { addTracker, placeAt, startWithSources } from './support/sources.mjs';
import { kConnectionFaults, suite } from './support/suite.mjs';

const kSources = ['steady', 'failing', 'other', 'cut', 'joined', 'phone', 'quiet'];

let sources;
const closers = [];
after(() => Promise.all(closers.map((close) => close())));

const shared = suite(
  async (gateway) => {
    for (const name of kSources) await addTracker(gateway, `${name}-1`, { provider: name });
    await addTracker(gateway, 'other-2', { provider: 'other' });
    await addTracker(gateway, 'pushing');
  },
  async () => {
    const started = await startWithSources(kSources);
    sources = started.sources;
    return started.gateway;
  },
);

const button = (page) => page.locator('.update-now');
const phase = (page) => button(page).getAttribute('data-phase');
const reason = (page) => page.getByTestId('update-reason');
const position = (page) => page.getByTestId('position').textContent();

/** Waits for a button that says `word`. */
function says(page, word) {
  return eventually(`"${word}"`, async () => (await button(page).innerText()) === word);
}

async function openAs(role, { gateway = shared.gateway, options = {}, ...how } = {}) {
  const rights = role === 'user' ? ['--role', 'user', '--client', 'nobody'] : ['--role', role];
  const token = await gateway.makeToken('--sub', `the ${role}`, ...rights);
  return shared.open(options, { url: gateway.url, token, ...how });
}

/** The page of an administrator who looks at a tracker. */
async function openAt(id, how = {}) {
  const page = await openAs('admin', how);
  await search(page, id);
  await row(page, id).dispatchEvent('click');
  await button(page).waitFor();
  return page;
}

/** Waits until a source has been asked and holds its answer back. */
async function isAsked(source, times = 1) {
  await eventually('the question', () => source.held >= times);
}

test('an administrator asks, and the position comes', async () => {
  const source = sources.get('steady');
  const page = await openAt('steady-1');
  await page.getByText('Never heard', { exact: true }).waitFor();
  assert.equal(await button(page).innerText(), 'Update now');
  const width = async () => Math.round((await button(page).boundingBox()).width);
  const wide = await width();

  source.behave('held');
  placeAt(source, 'steady-1', 36.5, -123.25);
  await button(page).click();
  await says(page, 'Asking provider');
  await isAsked(source);
  assert.equal(await button(page).getAttribute('aria-disabled'), 'true');
  assert.equal(await width(), wide);
  // A press while it is busy asks for nothing more.
  await button(page).click({ force: true });
  source.release();
  await says(page, 'Updated');
  await eventually(
    'the position',
    async () => (await position(page)) === '36.50000° N, 123.25000° W',
  );
  await says(page, 'Update now');
  assert.equal(await button(page).getAttribute('aria-disabled'), 'false');
  const asked = source.requests.filter(({ path }) => path.includes('steady-1'));
  assert.equal(asked.length, 1);

  // Beside the button that follows, which a tracker without a position has not.
  await page.getByRole('button', { name: 'Follow' }).waitFor();
  const narrow = await width();
  source.behave('held');
  placeAt(source, 'steady-1', 36.75, -123.5, { time: Date.now() + 5_000 });
  await button(page).click();
  await says(page, 'Asking provider');
  assert.equal(await width(), narrow);
  await isAsked(source);
  source.release();
  await says(page, 'Updated');
  assert.equal(await width(), narrow);
  await eventually('the next position', async () => (await position(page)).startsWith('36.75'));
});

test('nothing newer is told as that', async () => {
  const source = sources.get('quiet');
  placeAt(source, 'quiet-1', 10, 20);
  const page = await openAt('quiet-1');
  await button(page).click();
  await says(page, 'Updated');
  await says(page, 'Update now');
  await button(page).click();
  await says(page, 'Nothing newer');
  await says(page, 'Update now');
});

test('a provider that fails is told above the button, and can be tried again', async () => {
  const source = sources.get('failing');
  placeAt(source, 'failing-1', 41, -124);
  source.behave('failing');
  const page = await openAt('failing-1');
  await button(page).click();
  await says(page, 'Try again');
  assert.equal(await reason(page).innerText(), 'The provider cannot be reached.');
  const above = await reason(page).boundingBox();
  const below = await button(page).boundingBox();
  assert.ok(above.y + above.height <= below.y, 'the reason stands above the button');
  assert.equal(await button(page).getAttribute('aria-disabled'), 'false');
  await saveScreenshot(page, 'update-failed');

  source.behave('healthy');
  await button(page).click();
  await reason(page).waitFor({ state: 'detached' });
  await says(page, 'Updated');
  await eventually('the position', async () => (await position(page)).startsWith('41.00000°'));
});

test('a tracker that nobody can be asked about says so', async () => {
  const page = await openAt('pushing');
  await button(page).click();
  await says(page, 'Try again');
  const kNobody = /^(This tracker has no provider|The provider of this tracker cannot)/;
  assert.match(await reason(page).innerText(), kNobody);
  // A failure that was read does not wait for the next visit.
  await page.keyboard.press('Escape');
  await selectTracker(page, 'pushing');
  await says(page, 'Update now');
});

test('a provider that does not answer in time has failed, however late it does', async () => {
  const strict = await startWithSources(['silent'], { UPDATES_DEADLINE_S: '3' });
  closers.push(() => strict.gateway.stop());
  await addTracker(strict.gateway, 'silent-1', { provider: 'silent' });
  const source = strict.sources.get('silent');
  source.behave('held');
  placeAt(source, 'silent-1', 5, 6);
  const page = await openAt('silent-1', { gateway: strict.gateway });
  await button(page).click();
  await isAsked(source);
  await says(page, 'Try again');
  assert.equal(await reason(page).innerText(), 'The provider did not answer in time.');
  // The late answer is a position all the same, so the next one has to be newer.
  source.release();
  await eventually('the late position', async () => (await position(page)).startsWith('5.00000°'));
  placeAt(source, 'silent-1', 7, 8);
  await button(page).click();
  await says(page, 'Updated');
  await eventually('the position', async () => (await position(page)).startsWith('7.00000°'));
});

test('what becomes of one tracker changes nothing at another', async () => {
  const source = sources.get('other');
  source.behave('held');
  placeAt(source, 'other-1', 1, 1);
  const page = await openAt('other-1');
  await button(page).click();
  await says(page, 'Asking provider');
  await isAsked(source);
  await selectTracker(page, 'other-2');
  await says(page, 'Update now');
  // What is under way goes on, and is still so for who comes back.
  await selectTracker(page, 'other-1');
  await says(page, 'Asking provider');
  await selectTracker(page, 'other-2');
  source.release();
  await search(page, 'other-1');
  await eventually('the position in the list', async () =>
    /s ago/.test(await row(page, 'other-1').textContent()),
  );
  assert.equal(await phase(page), 'idle');
});

test('two who ask for one tracker ask its provider once, and others only see it move', async () => {
  const source = sources.get('joined');
  source.behave('held');
  placeAt(source, 'joined-1', -30, 150);
  const [first, second, watching] = [
    await openAt('joined-1'),
    await openAt('joined-1'),
    await openAt('joined-1'),
  ];
  await button(first).click();
  await isAsked(source);
  await button(second).click();
  await says(second, 'Asking provider');
  source.release();
  for (const page of [first, second]) {
    await says(page, 'Updated');
    await eventually('the position', async () => (await position(page)).startsWith('30.00000° S'));
  }
  await eventually('the position', async () => (await position(watching)).startsWith('30.0000'));
  assert.equal(await phase(watching), 'idle');
  assert.equal(source.requests.filter(({ path }) => path.includes('joined-1')).length, 1);
});

test('a connection that is lost meanwhile learns of the result afterwards', async () => {
  const proxy = await startProxy(shared.gateway.port);
  closers.push(() => proxy.stop());
  const source = sources.get('cut');
  source.behave('held');
  placeAt(source, 'cut-1', 50, -20);
  const page = await openAs('admin', { url: proxy.url, allowed: kConnectionFaults });
  await eventually(
    'a live connection',
    async () => (await page.getByTestId('badge').textContent()) === 'Live',
  );
  await selectTracker(page, 'cut-1');
  await button(page).click();
  await says(page, 'Asking provider');
  await isAsked(source);
  proxy.cut();
  await eventually('the banner', async () =>
    /Connection lost/.test(await page.locator('.notices').innerText()),
  );
  source.release();
  await eventually('the position on the server', async () => {
    const { trackers } = await shared.gateway.trackers();
    return trackers.find(({ id }) => id === 'cut-1')?.position?.latitude === 50;
  });
  assert.equal(await button(page).innerText(), 'Asking provider');
  proxy.restore();
  await says(page, 'Updated');
  await eventually('the position', async () => (await position(page)).startsWith('50.00000°'));
});

test('without a way to the server an update fails at once', async () => {
  const proxy = await startProxy(shared.gateway.port);
  closers.push(() => proxy.stop());
  const page = await openAt('steady-1', { url: proxy.url, allowed: kConnectionFaults });
  proxy.cut();
  await button(page).click();
  await says(page, 'Try again');
  assert.equal(await reason(page).innerText(), 'The server does not answer.');
});

for (const role of ['user', 'nobody']) {
  test(`a page for ${role} has nothing of it, not even its code`, async () => {
    const scripts = [];
    const watch = (page) =>
      page.on('request', (request) => scripts.push(new URL(request.url()).pathname));
    const page =
      role === 'user'
        ? await openAs('user', { prepare: watch })
        : await shared.open({}, { prepare: watch });
    for (const id of ['steady-1', 'pushing']) {
      await selectTracker(page, id);
      await page.getByRole('heading', { name: `Ship ${id}` }).waitFor();
      assert.equal(await button(page).count(), 0);
      assert.doesNotMatch(await page.content(), /Update now|update-now|update-reason/);
    }
    assert.ok(scripts.some((path) => path.includes('map-view')));
    assert.deepEqual(
      scripts.filter((path) => /update-now|graphql/.test(path)),
      [],
    );
  });
}

test('on a phone it is in the sheet, for keys as for fingers', async () => {
  const source = sources.get('phone');
  source.behave('held');
  placeAt(source, 'phone-1', 22, 33);
  const page = await openAt('phone-1', { options: kPhone });
  await button(page).focus();
  await page.keyboard.press('Enter');
  await says(page, 'Asking provider');
  await isAsked(source);
  const box = await button(page).boundingBox();
  assert.ok(box.height >= 44, `${box.height} pixels high`);
  assert.ok(box.y + box.height <= 844, 'it is within the window');
  const spoken = await page.locator('.detail-foot [role="status"]').innerText();
  assert.equal(spoken.trim(), 'Asking provider');
  source.release();
  await says(page, 'Updated');
  assert.ok(await button(page).evaluate((element) => element === document.activeElement));
  await saveScreenshot(page, 'update-phone');
});
