import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { startGateway } from './support/gateway.mjs';
import { eventually, openTab, row, search, selectTracker } from './support/page.mjs';
import {
  countAppearances,
  counted,
  fillDialog,
  isPublic,
  isSignedIn,
  makePrivate,
  markPage,
  notice,
  signIn,
  trackersOf,
  who,
} from './support/people.mjs';
import { startProxy } from './support/proxy.mjs';
import { kConnectionFaults, kRefusedFaults, suite } from './support/suite.mjs';

const kPassword = 'correct horse 7';
const kEnded = 'Your session has ended. Sign in again.';

let hidden;
const shared = suite(async (gateway) => {
  hidden = (await trackersOf(gateway, 'harbour-line')).slice(0, 12);
  await makePrivate(gateway, hidden);
});
const closers = [];

after(() => Promise.all(closers.map((close) => close())));

/** A token of the client whose trackers are hidden. */
function tokenOf(name, ...options) {
  const rights = ['--role', 'user', '--client', 'harbour-line'];
  return shared.gateway.makeToken('--sub', name, ...rights, ...options);
}

async function seesNothingHidden(page) {
  await page.locator('.details').waitFor({ state: 'detached' });
  await eventually('the public list', async () => (await counted(page)) > 0);
  assert.equal(await page.getByRole('textbox', { name: /search/i }).inputValue(), '');
  await search(page, hidden[0].id);
  await page.getByText('No tracker matches').waitFor();
}

test('a session that expires on an open page ends there', async () => {
  const page = await shared.open({}, { token: await tokenOf('short', '--expires', '20s') });
  const isSamePage = await markPage(page);
  await isSignedIn(page, 'short');
  await selectTracker(page, hidden[0].id);
  await isPublic(page);
  await eventually('the notice', async () => (await notice(page)) === kEnded);
  await seesNothingHidden(page);
  assert.ok(await isSamePage());

  // It stays until somebody does something about it.
  await page.getByRole('button', { name: 'Dismiss' }).click();
  await eventually('no notice', async () => (await notice(page)) === '');
});

test('from there one signs in again', async () => {
  await shared.gateway.addUser('ada', kPassword, '--role', 'user', '--client', 'harbour-line');
  const page = await shared.open({}, { token: await tokenOf('brief', '--expires', '15s') });
  await isSignedIn(page, 'brief');
  await page.getByRole('button', { name: 'Sign in again.' }).click();
  await fillDialog(page, 'ada', kPassword);
  await page.keyboard.press('Enter');
  await isSignedIn(page, 'ada');
  assert.equal(await page.getByText(kEnded).count(), 0);
  await search(page, hidden[0].id);
  await row(page, hidden[0].id).waitFor();
});

test('a session that is revoked ends on the open page', async () => {
  const page = await shared.open({}, { token: await tokenOf('revoked') });
  await isSignedIn(page, 'revoked');
  await selectTracker(page, hidden[0].id);
  await shared.gateway.ask('POST', '/api/revocations', { user: 'revoked' });
  await eventually('the notice', async () => (await notice(page)) === kEnded);
  await isPublic(page);
  await seesNothingHidden(page);
});

test('a session that ended while the connection was cut is noticed on the way back', async () => {
  const proxy = await startProxy(shared.gateway.port);
  closers.push(() => proxy.stop());
  const page = await shared.open(
    {},
    { url: proxy.url, token: await tokenOf('away'), allowed: kConnectionFaults },
  );
  await isSignedIn(page, 'away');
  await selectTracker(page, hidden[0].id);
  proxy.cut();
  await eventually('the banner', async () => /Connection lost/.test(await notice(page)));
  await shared.gateway.ask('POST', '/api/revocations', { user: 'away' });
  proxy.restore();
  await eventually('the notice', async () => (await notice(page)) === kEnded);
  await isPublic(page);
  await seesNothingHidden(page);
});

test('a list that was asked for by somebody else is thrown away', async () => {
  await shared.gateway.addUser('eve', kPassword, '--role', 'user', '--client', 'bay-ferries');
  const page = await shared.open({}, { token: await tokenOf('slow') });
  await isSignedIn(page, 'slow');
  // The next list is this identity's, and arrives when the page has long been another's.
  let letGo;
  const held = new Promise((resolve) => (letGo = resolve));
  let isHeld = false;
  await page.route(
    '**/api/trackers',
    async (route) => {
      const response = await route.fetch();
      assert.ok((await response.text()).includes(`"${hidden[0].id}"`));
      isHeld = true;
      await held;
      // An answer that the page gave up on cannot be delivered any more.
      await route.fulfill({ response }).catch(() => undefined);
    },
    { times: 1 },
  );
  await shared.gateway.ask('PATCH', `/api/trackers/${hidden[5].id}`, { name: 'Renamed' });
  await eventually('a list on its way', () => isHeld);
  await shared.gateway.ask('POST', '/api/revocations', { user: 'slow' });
  await isPublic(page);
  await search(page, hidden[0].id);
  await page.getByText('No tracker matches').waitFor();
  const appearances = await countAppearances(page, hidden[0].id);
  await signIn(page, 'eve', kPassword);
  letGo();
  await search(page, '');
  await page.locator('.row').first().waitFor();
  await search(page, hidden[0].id);
  await page.getByText('No tracker matches').waitFor();
  assert.equal(await appearances(), 0);
});

test('where everybody has to sign in, the dialog is what one sees first', async () => {
  const strict = await startGateway({ AUTH_REQUIRE_AUTH: 'true' });
  closers.push(() => strict.stop());
  await strict.addUser('ada', kPassword, '--role', 'user', '--client', 'harbour-line');
  const page = await shared.open(
    {},
    { url: strict.url, until: 'dialog.login', allowed: kRefusedFaults },
  );
  assert.equal(await page.getByTestId('badge').textContent(), 'Offline');
  assert.equal(await notice(page), '', 'nothing was lost');
  assert.equal(await page.getByRole('button', { name: /without an account/ }).count(), 0);
  assert.equal(await page.getByText('Public trackers stay visible').count(), 0);
  await page.keyboard.press('Escape');
  assert.equal(await who(page), 'Signed outSign in to see your trackers');
  await page.locator('.list-empty').getByRole('button', { name: 'Sign in' }).click();
  await fillDialog(page, 'ada', kPassword);
  await page.keyboard.press('Enter');
  await isSignedIn(page, 'ada');
  await page.locator('.row').first().waitFor();
  await eventually('Live', async () => (await page.getByTestId('badge').textContent()) === 'Live');

  // And it is what is left when the session ends.
  await strict.ask('POST', '/api/revocations', { user: 'ada' });
  await page.getByRole('dialog').waitFor();
  await page.getByRole('dialog').getByText(kEnded).waitFor();
  assert.equal(await page.locator('.row').count(), 0);
});

test('too many attempts are said so, with the time to wait', async () => {
  const patient = await startGateway({
    RATE_LIMITS_LOGIN_ADDRESS_BURST: '2',
    RATE_LIMITS_LOGIN_ADDRESS_PER_SECOND: '0.1',
  });
  closers.push(() => patient.stop());
  const page = await shared.open({}, { url: patient.url, allowed: kRefusedFaults });
  await page.getByRole('button', { name: /Sign in to see your trackers/ }).click();
  const button = page.getByRole('button', { name: 'Sign in', exact: true });
  const limit = page.locator('.login-problem', { hasText: 'Too many attempts.' });
  await eventually('the limit', async () => {
    await fillDialog(page, 'nobody', 'wrong horse 7');
    await button.click();
    await eventually(
      'the answer',
      async () => (await page.locator('.login-problem').count()) === 1,
    );
    return (await limit.count()) === 1;
  });
  const left = async () => Number(/in (\d+) s\./.exec(await limit.innerText())?.[1]);
  const first = await left();
  assert.ok(first > 0 && first <= 60, `${first} s`);
  assert.equal(await button.getAttribute('aria-disabled'), 'true');
  const isOver = async () => (await limit.count()) === 0;
  await eventually('the countdown', async () => (await isOver()) || (await left()) < first);
  await limit.waitFor({ state: 'detached' });
  assert.equal(await button.getAttribute('aria-disabled'), 'false');
});

test('an account that is switched off ends on every page', async () => {
  await shared.gateway.addUser('bob', kPassword, '--role', 'user', '--client', 'harbour-line');
  const page = await shared.open();
  await signIn(page, 'bob', kPassword);
  const { page: other, faults } = await openTab(page.context(), shared.gateway.url);
  await isSignedIn(other, 'bob');
  await shared.gateway.user('disable', 'bob');
  for (const each of [page, other]) {
    await isPublic(each);
    await eventually('the notice', async () => (await notice(each)) === kEnded);
  }
  assert.ok(!(await who(page)).includes('bob'));
  assert.deepEqual(faults, []);
});
