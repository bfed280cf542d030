import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { located, startGateway } from './support/gateway.mjs';
import { eventually } from './support/page.mjs';
import { startProxy } from './support/proxy.mjs';
import { kConnectionFaults, suite } from './support/suite.mjs';

const shared = suite();
const closers = [];
after(() => Promise.all(closers.map((close) => close())));

async function proxied(options) {
  const proxy = await startProxy(shared.gateway.port, options);
  closers.push(() => proxy.stop());
  return proxy;
}

/** A cut while the page is still loading would be another story. */
async function isLive(page) {
  await page.getByRole('button', { name: 'Zoom in' }).waitFor();
  await eventually('a live connection', async () => (await badge(page)) === 'Live');
}

const badge = (page) => page.getByTestId('badge').textContent();
const notice = (page) => page.locator('.notices').innerText();

test('a cut is announced, and what was missed comes back', async () => {
  const proxy = await proxied();
  const page = await shared.open({}, { url: proxy.url, allowed: kConnectionFaults });
  await isLive(page);
  // An event has to have come, or there is no offset to resume from.
  await eventually(
    'an event',
    async () => Number(await page.getByTestId('rate').textContent()) > 0,
  );

  proxy.cut();
  await eventually('the banner', async () =>
    /Connection lost\. Positions are from \d\d:\d\d:\d\d\./.test(await notice(page)),
  );
  await eventually('the countdown', async () => /^Reconnecting in \d+ s$/.test(await badge(page)));
  assert.equal(await page.locator('.map-area').getAttribute('data-down'), 'true');
  await shared.gateway.publish([1, 2, 3].map((step) => located('missed-by-test', 40, -140 + step)));
  proxy.restore();
  const word = await eventually('the way back', async () => {
    const match = /Back online\. ([\d,]+) missed events? recovered\./.exec(await notice(page));
    return match?.[1];
  });
  assert.ok(Number(word.replaceAll(',', '')) >= 3, word);
  assert.equal(await badge(page), 'Live');
  assert.equal(await page.locator('.map-area').getAttribute('data-down'), 'false');
  await eventually('the message to go', async () => (await notice(page)) === '');
});

test('the visitor can retry at once', async () => {
  const proxy = await proxied();
  const page = await shared.open({}, { url: proxy.url, allowed: kConnectionFaults });
  await isLive(page);
  proxy.cut();
  // Some attempts make the back-off long enough to tell the button from the timer.
  await eventually(
    'a long wait',
    async () => {
      const match = /^Reconnecting in (\d+) s$/.exec(await badge(page));
      return match && Number(match[1]) >= 5;
    },
    120_000,
  );
  proxy.restore();
  const started = Date.now();
  await page.getByRole('button', { name: 'Retry now' }).click();
  await eventually('a live connection again', async () => (await badge(page)) === 'Live');
  await eventually('the message', async () => /^Back online\./.test(await notice(page)));
  assert.ok(Date.now() - started < 60_000);
});

test('another gateway cannot resume, so the positions are loaded anew', async () => {
  const proxy = await proxied();
  const other = await startGateway();
  closers.push(() => other.stop());
  const page = await shared.open({}, { url: proxy.url, allowed: kConnectionFaults });
  await isLive(page);
  proxy.cut();
  await eventually('the banner', async () => /Connection lost/.test(await notice(page)));
  proxy.restore(other.port);
  await eventually('the reload', async () =>
    (await notice(page)).includes('Back online. Positions reloaded.'),
  );
  assert.equal(await badge(page), 'Live');
});

test('where WebSocket is blocked the page polls', async () => {
  const proxy = await proxied({ blockWebSocket: true });
  const page = await shared.open({}, { url: proxy.url, allowed: kConnectionFaults });
  await eventually('polling', async () => (await badge(page)) === 'Live, polling');
  await eventually(
    'an update',
    async () => Number(await page.getByTestId('rate').textContent()) > 0,
  );
});

test('a list that cannot be loaded can be asked for again', async () => {
  let broken = true;
  const context = await shared.browser.newContext();
  const page = await context.newPage();
  await page.route('**/api/trackers', (route) =>
    broken ? route.fulfill({ status: 503, body: 'no' }) : route.continue(),
  );
  await page.goto(shared.gateway.url);
  await page.getByText('Trackers could not be loaded').waitFor();
  broken = false;
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.locator('.row').first().waitFor();
  await context.close();
});

test('a server that asks for a pause gets it', async () => {
  const strict = await startGateway({
    RATE_LIMITS_LOOPBACK: 'true',
    RATE_LIMITS_CONNECTION_USER_BURST: '1',
    RATE_LIMITS_CONNECTION_USER_PER_SECOND: '0.03',
  });
  closers.push(() => strict.stop());
  const token = await strict.makeToken('--sub', 'eager', '--role', 'user');
  const first = await shared.open({}, { url: strict.url, token });
  await isLive(first);
  let attempts = 0;
  const second = await shared.open(
    {},
    {
      url: strict.url,
      token,
      until: '.badge[data-link="waiting"]',
      prepare: (page) => page.on('websocket', () => attempts++),
    },
  );
  assert.match(await badge(second), /^Reconnecting in \d+ s$/);
  assert.equal(await notice(second), '', 'nothing was lost');
  await isLive(second);
  // One that was refused, and one when the server had said.
  assert.equal(attempts, 2);
});

test('the badge says what the connection does', async () => {
  const proxy = await proxied();
  proxy.hold();
  const page = await shared.open({}, { url: proxy.url, allowed: kConnectionFaults });
  assert.equal(await badge(page), 'Connecting');
  assert.equal(await notice(page), '', 'nothing was lost yet');
  proxy.release();
  await isLive(page);

  proxy.hold();
  proxy.cut();
  proxy.restore();
  await eventually('the attempt', async () => (await badge(page)) === 'Reconnecting');
  assert.match(await notice(page), /^Connection lost\./);
  proxy.release();
  await isLive(page);

  await page.context().setOffline(true);
  proxy.cut();
  await eventually('no network', async () => (await badge(page)) === 'Offline');
  assert.match(await notice(page), /^Connection lost\./);
  const spoken = page.locator('.badge [role="status"]');
  assert.equal(await spoken.textContent(), 'Connection: Offline');
  proxy.restore();
  await page.context().setOffline(false);
  await isLive(page);
  await eventually('the message', async () => /^Back online\./.test(await notice(page)));
});
