// The page of examples/chat.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { startExample } from '../interop/lib/server.mjs';
import { eventually, kDesktop, kPhone, saveScreenshot } from './support/page.mjs';
import { kConnectionFaults, suite } from './support/suite.mjs';

async function startChat() {
  const server = await startExample('chat', '0');
  return { url: `http://127.0.0.1:${server.port}/`, stop: () => server.stop() };
}

const shared = suite(undefined, startChat);

async function enter(name, room, options = {}, how = {}) {
  const page = await shared.open(options, { until: '#join', ...how });
  await page.getByLabel('Your name').fill(name);
  await page.getByLabel('Room').fill(room);
  await page.getByRole('button', { name: 'Join' }).click();
  await page.getByRole('heading', { name: room }).waitFor();
  return page;
}

async function write(page, text) {
  await page.getByLabel('Message', { exact: true }).fill(text);
  await page.keyboard.press('Enter');
}

const messages = (page) => page.locator('.message .text').allTextContents();

async function shows(page, ...texts) {
  await eventually(`${texts.join(', ')} on the page`, async () => {
    const shown = await messages(page);
    return texts.length === shown.length && texts.every((text, i) => shown[i] === text);
  });
}

test('people write to each other, and text stays text', async () => {
  const ada = await enter('Ada', 'talk');
  const bob = await enter('Bob', 'talk');
  await ada.getByText('Bob came in').waitFor();
  await bob.getByLabel('Message', { exact: true }).pressSequentially('<b>hi</b>');
  await ada.getByText('Bob is typing…').waitFor();
  await bob.keyboard.press('Enter');
  await shows(ada, '<b>hi</b>');
  await write(ada, 'hello');
  await shows(bob, '<b>hi</b>', 'hello');
  assert.equal(await ada.locator('#typing').textContent(), '');

  const cyd = await enter('Cyd', 'talk');
  await shows(cyd, '<b>hi</b>', 'hello');
  await bob.getByRole('button', { name: 'Leave' }).click();
  await ada.getByText('Bob left').waitFor();
  assert.equal(await ada.locator('#people li').count(), 2);
});

test('a message for one is shown to two', async () => {
  const [ada, bob, eve] = [await enter('Ada', 'p'), await enter('Bob', 'p'), await enter('Eve', 'p')];
  await ada.getByRole('button', { name: 'Write to Bob alone' }).click();
  await write(ada, 'psst');
  await bob.getByText('to you alone').waitFor();
  await ada.getByText('to Bob alone', { exact: true }).waitFor();
  await ada.getByRole('button', { name: 'Write to everybody again' }).click();
  await write(ada, 'aloud');
  await shows(eve, 'aloud');
  await shows(bob, 'psst', 'aloud');
});

test('a taken name is refused at the door', async () => {
  await enter('Ada', 'door');
  const page = await shared.open({}, { until: '#join' });
  await page.getByLabel('Your name').fill('Ada');
  await page.getByRole('button', { name: 'Join' }).click();
  await page.getByRole('alert').getByText('Somebody is here by this name.').waitFor();
  await page.getByLabel('Your name').fill('Ada L.');
  await page.getByRole('button', { name: 'Join' }).click();
  await page.getByRole('heading', { name: 'lobby' }).waitFor();
});

test('what was said during a break is there after it', async () => {
  const ada = await enter('Ada', 'break', {}, { allowed: kConnectionFaults });
  const bob = await enter('Bob', 'break');
  await ada.context().setOffline(true);
  await ada.evaluate(() => socket.io.engine.close());
  await ada.getByText('Connection lost').waitFor();
  await bob.getByText('Ada left').waitFor();
  await write(bob, 'meanwhile');
  await ada.context().setOffline(false);
  await shows(ada, 'meanwhile');
  await write(ada, 'back');
  await shows(bob, 'meanwhile', 'back');
  assert.equal(await ada.locator('#connection').textContent(), '');
});

test('it works on a phone', async () => {
  const bob = await enter('Bob', 'trip', kDesktop);
  const ada = await enter('Ada', 'trip', { ...kPhone, colorScheme: 'light' });
  await write(bob, 'Who brings the tent?');
  await write(ada, 'I do. A very long line that has to wrap: '.padEnd(200, 'and on '));
  await write(bob, `https://example.org/${'x'.repeat(120)}`);
  await eventually('three messages', async () => (await messages(ada)).length === 3);
  const wide = await ada.evaluate(() => document.documentElement.scrollWidth > innerWidth);
  assert.equal(wide, false, 'nothing sticks out sideways');

  const people = ada.getByRole('button', { name: /2 here/ });
  assert.equal(await people.getAttribute('aria-expanded'), 'false');
  await people.click();
  await ada.getByRole('button', { name: 'Write to Bob alone' }).click();
  assert.equal(await people.getAttribute('aria-expanded'), 'false');
  await write(ada, 'Can you take the stove?');
  await bob.getByText('to you alone').waitFor();

  // Fingers need room.
  for (const button of await ada.locator('button:visible').all()) {
    const { width, height } = await button.boundingBox();
    assert.ok(Math.min(width, height) >= 44, await button.evaluate((one) => one.outerHTML));
  }
  await saveScreenshot(ada, 'chat-phone');
  await saveScreenshot(bob, 'chat-desktop');
});
