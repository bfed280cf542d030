import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, test } from 'node:test';

import { located, startGateway } from './support/gateway.mjs';
import { kPatience, launch } from './support/page.mjs';

const closers = [];
after(async () => {
  for (const close of closers.reverse()) await close();
});

/** A site of somebody else with one page, which has `script` in it. */
async function startSite(script) {
  const site = createServer((request, response) => {
    response.setHeader('content-type', 'text/html; charset=utf-8');
    response.end(request.url === '/' ? `<!doctype html><title>site</title>${script()}` : '');
  });
  await new Promise((resolve) => site.listen(0, '127.0.0.1', resolve));
  closers.push(() => new Promise((resolve) => site.close(resolve).closeAllConnections()));
  return `http://127.0.0.1:${site.address().port}`;
}

/** Opens the page; what its script puts into `window.seen` says how far it is. */
async function openSite(browser, url) {
  const context = await browser.newContext();
  closers.push(() => context.close());
  const page = await context.newPage();
  const faults = [];
  page.on('console', (entry) => {
    if (entry.type() === 'error') faults.push(entry.text());
  });
  page.on('pageerror', (error) => faults.push(error.message));
  await page.goto(url);
  return { page, faults };
}

const kUse = `
  const socket = io(gateway, { transports: [transport] });
  window.seen = [];
  socket.on('connect', () => window.seen.push('connect'));
  socket.on('tracker_location_updated', (event) => window.seen.push(event.tracker_id));
`;

test('pages of other sites load the client from the gateway and connect', async () => {
  let gateway;
  const script = (name, transport) => {
    const constants = `const gateway = '${gateway.url}', transport = '${transport}';`;
    const source = `${gateway.url}/socket.io/${name}`;
    return name.includes('.esm.')
      ? `<script type="module">import { io } from '${source}'; ${constants} ${kUse}</script>`
      : `<script src="${source}"></script><script>${constants} ${kUse}</script>`;
  };
  let chosen;
  const url = await startSite(() => script(...chosen));
  gateway = await startGateway({ CORS_ORIGINS: url }, { demo: false });
  closers.push(() => gateway.stop());
  const browser = await launch();
  closers.push(() => browser.close());

  for (chosen of [
    ['socket.io.js', 'polling'],
    ['socket.io.min.js', 'websocket'],
    ['socket.io.esm.min.js', 'polling'],
  ]) {
    const { page, faults } = await openSite(browser, url);
    const wait = { timeout: kPatience };
    await page.waitForFunction(() => window.seen?.includes('connect'), null, wait);
    const id = `seen-${chosen[0]}`;
    await gateway.publish([located(id, 10, 20)]);
    await page.waitForFunction((name) => window.seen.includes(name), id, wait);
    assert.deepEqual(faults, [], chosen[0]);
  }
});
