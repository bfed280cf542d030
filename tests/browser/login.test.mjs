import assert from 'node:assert/strict';
import { test } from 'node:test';

import { eventually, kPhone, openTab, row, search } from './support/page.mjs';
import {
  counted,
  fillDialog,
  isPublic,
  isSignedIn,
  makePrivate,
  markPage,
  notice,
  openDialog,
  signIn,
  trackersOf,
  who,
} from './support/people.mjs';
import { kRefusedFaults, suite } from './support/suite.mjs';

const kName = 'ada@harbour.example';
const kPassword = 'correct horse 7';

let hidden;
const shared = suite(async (gateway) => {
  await gateway.addUser(kName, kPassword, '--role', 'user', '--client', 'harbour-line');
  await gateway.addUser('root', kPassword, '--role', 'admin');
  hidden = (await trackersOf(gateway, 'harbour-line')).slice(0, 12);
  await makePrivate(gateway, hidden);
});

const dialog = (page) => page.getByRole('dialog', { name: 'Sign in to Trackwire' });
const focused = (page) =>
  page.evaluate(() => {
    const element = document.activeElement;
    return element?.labels?.[0]?.textContent ?? element?.textContent ?? '';
  });

test('an anonymous visitor has the public view and is offered to sign in', async () => {
  const page = await shared.open();
  await eventually(
    'the foot',
    async () => (await who(page)) === 'Public viewSign in to see your trackers',
  );
  await search(page, hidden[0].id);
  await page.getByText('No tracker matches').waitFor();
});

test('who signs in sees the trackers of the own client, without a reload', async () => {
  const page = await shared.open();
  const isSamePage = await markPage(page);
  const before = await counted(page);
  await signIn(page, kName, kPassword);
  assert.equal(await who(page), `${kName}User`);
  await eventually('the message', async () => (await notice(page)) === `Signed in as ${kName}.`);
  await eventually('more trackers', async () => (await counted(page)) === before + hidden.length);
  await search(page, hidden[0].id);
  await row(page, hidden[0].id).waitFor();
  assert.ok(await isSamePage());
  assert.equal(await page.getByTestId('badge').textContent(), 'Live');
});

test('a wrong password is said so, and the next attempt may be right', async () => {
  const page = await shared.open({}, { allowed: kRefusedFaults });
  await openDialog(page);
  await fillDialog(page, kName, 'wrong horse 7');
  await page.keyboard.press('Enter');
  await page.getByText('That email and password do not match.').first().waitFor();
  const password = page.getByLabel('Password');
  assert.equal(await password.inputValue(), '', 'a wrong password is not kept');
  assert.equal(await page.getByLabel('Email').inputValue(), kName);
  assert.equal(await password.getAttribute('aria-invalid'), 'true');
  assert.equal(await focused(page), 'Password');
  assert.equal(await page.locator('[role="alert"]').count(), 1);
  await page.keyboard.type(kPassword);
  assert.equal(await page.locator('[role="alert"]').count(), 0);
  await page.keyboard.press('Enter');
  await dialog(page).waitFor({ state: 'detached' });
  await isSignedIn(page, kName);
});

test('an unknown name is answered like a wrong password', async () => {
  const page = await shared.open({}, { allowed: kRefusedFaults });
  await openDialog(page);
  await fillDialog(page, 'nobody@harbour.example', kPassword);
  await page.keyboard.press('Enter');
  await page.getByText('That email and password do not match.').first().waitFor();
});

test('the password stays in the dialog and goes nowhere but to the server', async () => {
  const page = await shared.open();
  await signIn(page, kName, kPassword);
  const left = await page.evaluate(() => ({
    markup: document.documentElement.outerHTML,
    fields: [...document.querySelectorAll('input')].map((input) => input.value),
    stored: JSON.stringify({ ...localStorage, ...sessionStorage }),
    cookie: document.cookie,
    url: location.href,
  }));
  assert.ok(!JSON.stringify(left).includes(kPassword));
  assert.equal(left.cookie, '', 'scripts cannot read the cookie');
  const [cookie] = await page.context().cookies();
  assert.deepEqual([cookie.name, cookie.httpOnly, cookie.sameSite], ['access_token', true, 'Lax']);
});

test('signing out leads back to the public view', async () => {
  const page = await shared.open();
  const before = await counted(page);
  const isSamePage = await markPage(page);
  await signIn(page, kName, kPassword);
  await search(page, hidden[1].id);
  await row(page, hidden[1].id).click();
  await page.locator('.details').waitFor();
  await page.getByRole('button', { name: `${kName}, User` }).click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await isPublic(page);
  await page.locator('.details').waitFor({ state: 'detached' });
  await eventually('the message', async () => (await notice(page)) === 'Signed out.');
  await eventually('public trackers only', async () => (await counted(page)) === before);
  assert.equal(await page.getByRole('textbox', { name: /search/i }).inputValue(), '');
  await search(page, hidden[1].id);
  await page.getByText('No tracker matches').waitFor();
  assert.deepEqual(await page.context().cookies(), []);
  assert.ok(await isSamePage());
  // The way back in is where the way out was.
  await signIn(page, kName, kPassword);
});

test('the role is shown, and what is for administrators only to them', async () => {
  const page = await shared.open();
  await signIn(page, 'root', kPassword);
  assert.equal(await who(page), 'rootAdministrator');
  await page.getByRole('button', { name: 'root, Administrator' }).click();
  await page.getByRole('region', { name: 'Account' }).getByText('Administrator').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('region', { name: 'Account' }).waitFor({ state: 'detached' });
  assert.equal(await focused(page), 'RrootAdministrator');
});

test('other tabs of the browser follow', async () => {
  const page = await shared.open();
  const other = await openTab(page.context(), shared.gateway.url);
  await signIn(page, kName, kPassword);
  await isSignedIn(other.page, kName);
  await page.getByRole('button', { name: `${kName}, User` }).click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await isPublic(page);
  await isPublic(other.page);
  // Nobody signed out there.
  await other.page.getByText('Your session has ended. Sign in again.').waitFor();
  assert.deepEqual(other.faults, []);
});

test('the dialog goes by keys and keeps the focus', async () => {
  const page = await shared.open();
  const opener = page.getByRole('button', { name: /Sign in to see your trackers/ });
  await opener.focus();
  await page.keyboard.press('Enter');
  await dialog(page).waitFor();
  const tour = [await focused(page)];
  for (let step = 0; step < 4; step++) {
    await page.keyboard.press('Tab');
    tour.push(await focused(page));
  }
  const stops = ['Email', 'Password', 'Sign in', 'Continue without an account'];
  assert.deepEqual(tour, [...stops, 'Email']);
  await page.keyboard.press('Shift+Tab');
  assert.equal(await focused(page), 'Continue without an account');
  const ringed = await page.evaluate(
    () => getComputedStyle(document.activeElement).outlineStyle !== 'none',
  );
  assert.ok(ringed);

  await page.keyboard.press('Escape');
  await dialog(page).waitFor({ state: 'detached' });
  assert.ok(await opener.evaluate((element) => element === document.activeElement));
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Continue without an account' }).click();
  await dialog(page).waitFor({ state: 'detached' });
  assert.ok(await opener.evaluate((element) => element === document.activeElement));
});

test('Esc closes the dialog and not also the details behind it', async () => {
  const page = await shared.open();
  await page.locator('.row').first().click();
  await page.locator('.details').waitFor();
  await openDialog(page);
  // Keys of the page behind do nothing meanwhile.
  await page.getByLabel('Email').fill('');
  await page.keyboard.press('/');
  assert.equal(await page.getByLabel('Email').inputValue(), '/');
  await page.keyboard.press('Escape');
  await dialog(page).waitFor({ state: 'detached' });
  assert.equal(await page.locator('.details').count(), 1);
});

test('a dialog that the browser closes can be opened again', async () => {
  const page = await shared.open();
  const ways = [
    // What the way back of a phone does at first, and when it is pressed again.
    (element) => element.dispatchEvent(new Event('cancel', { cancelable: true })),
    (element) => element.close(),
  ];
  for (const way of ways) {
    await openDialog(page);
    await dialog(page).evaluate(way);
    await page.locator('dialog').waitFor({ state: 'detached' });
  }
  await openDialog(page);
});

test('the fields say what they are for, to people and to password managers', async () => {
  const page = await shared.open();
  await openDialog(page);
  const field = (label) =>
    page.getByLabel(label).evaluate(({ type, autocomplete, required }) => ({
      type,
      autocomplete,
      required,
    }));
  assert.deepEqual(await field('Email'), {
    type: 'text',
    autocomplete: 'username',
    required: true,
  });
  assert.deepEqual(await field('Password'), {
    type: 'password',
    autocomplete: 'current-password',
    required: true,
  });
  let asked = false;
  page.on('request', (request) => (asked ||= request.url().endsWith('/api/login')));
  await page.getByLabel('Email').fill(kName);
  await page.keyboard.press('Enter');
  assert.equal(await focused(page), 'Password', 'what is missing gets the focus');
  assert.equal(asked, false);
});

test('a double click signs in once', async () => {
  const page = await shared.open();
  const asked = [];
  page.on('request', (request) => {
    if (request.url().endsWith('/api/login')) asked.push(request);
  });
  await openDialog(page);
  await fillDialog(page, kName, kPassword);
  await page.getByRole('button', { name: 'Sign in', exact: true }).evaluate((button) => {
    button.click();
    button.click();
  });
  await page.getByRole('button', { name: 'Signing in' }).waitFor();
  await isSignedIn(page, kName);
  assert.equal(asked.length, 1);
});

test('a server that does not answer is said so', async () => {
  const page = await shared.open({}, { allowed: [/net::ERR_FAILED/] });
  await openDialog(page);
  await fillDialog(page, kName, kPassword);
  await page.route('**/api/login', (route) => route.abort());
  await page.keyboard.press('Enter');
  await page.getByText('The server does not answer. Try again.').first().waitFor();
  await page.unroute('**/api/login');
  assert.equal(await page.getByLabel('Password').inputValue(), kPassword);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await isSignedIn(page, kName);
});

test('a browser that does not keep the cookie is told of', async () => {
  const page = await shared.open();
  // As browsers do with a cookie that is for TLS alone.
  await page.route('**/api/login', async (route) => {
    const response = await route.fetch();
    const { 'set-cookie': dropped, ...headers } = response.headers();
    assert.match(dropped, /HttpOnly/);
    await page.context().clearCookies();
    await route.fulfill({ response, headers });
  });
  await openDialog(page);
  await fillDialog(page, kName, kPassword);
  await page.keyboard.press('Enter');
  await page.getByText('Your browser did not keep the sign-in.').waitFor();
  await isPublic(page);
});

test('a phone has it all behind the round picture', async () => {
  const page = await shared.open(kPhone);
  await openDialog(page);
  for (const target of await dialog(page).locator('input, button').all()) {
    const box = await target.boundingBox();
    assert.ok(box.height >= 44 && box.width >= 44, `${box.width} × ${box.height}`);
    if ((await target.evaluate(({ tagName }) => tagName)) !== 'INPUT') continue;
    assert.equal(await target.evaluate((input) => getComputedStyle(input).fontSize), '16px');
  }
  await fillDialog(page, kName, kPassword);
  await page.getByRole('button', { name: 'Sign in', exact: true }).tap();
  await page.getByRole('button', { name: `${kName}, User` }).tap();
  const out = page.getByRole('button', { name: 'Sign out' });
  assert.ok((await out.boundingBox()).height >= 44);
  await out.tap();
  await page.getByRole('button', { name: /Sign in to see your trackers/ }).waitFor();
});
