// The official client's browser build in Chromium, on a page of another origin, against the program
// examples/conformance: what it does on each transport, and that it resumes where it was cut off.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { after, afterEach, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { kPatience, launch } from './support/page.mjs';
import { startProxy } from './support/proxy.mjs';

const kRepository = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const kServer = path.resolve(
  kRepository,
  process.env.TRACKWIRE_CONFORMANCE ?? 'build/release/examples/conformance',
);
const kClient = path.join(
  kRepository,
  'tests/interop/node_modules/socket.io-client/dist/socket.io.min.js',
);
// What waits inside the page has no patience of its own.
const kLimits = { timeout: 120_000 };
const kWays = {
  polling: ['polling'],
  websocket: ['websocket'],
  upgrade: ['polling', 'websocket'],
};

let server;
let port;
let site;
let browser;
let context;

before(async () => {
  assert.ok(existsSync(kServer), `no server at ${kServer}: build it first`);
  server = spawn(
    kServer,
    [
      ...['--port', '0', '--recovery', '--cors-origin', '*', '--connect-timeout-ms', '60000'],
      ...['--ping-interval-ms', '1000', '--ping-timeout-ms', '20000'],
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const [line] = await once(createInterface({ input: server.stdout }), 'line');
  port = Number(/^listening http:\/\/127\.0\.0\.1:(\d+)$/.exec(line)[1]);
  const script = readFileSync(kClient);
  site = createServer((request, response) => {
    const isScript = request.url === '/client.js';
    response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html');
    response.end(isScript ? script : '<!doctype html><script src="/client.js"></script>');
  });
  await new Promise((resolve) => site.listen(0, '127.0.0.1', resolve));
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await new Promise((resolve) => site.close(resolve));
  const ended = new Promise((resolve) => server.once('exit', (code) => resolve(code)));
  server.kill('SIGTERM');
  assert.equal(await ended, 0);
});

afterEach(() => context?.close());

/** A page on which `connect(url, options)` gives a client and what to wait for it with. */
async function openPage() {
  context = await browser.newContext();
  const page = await context.newPage();
  page.setDefaultTimeout(kPatience);
  await page.goto(`http://127.0.0.1:${site.address().port}/`);
  await page.evaluate(() => {
    window.once = (target, event) =>
      new Promise((resolve) => target.once(event, (...args) => resolve(args)));
    window.ask = (client, ...args) =>
      new Promise((resolve) => client.emit(...args, (...answer) => resolve(answer)));
    window.connect = async (url, options) => {
      const client = window.io(url, { forceNew: true, reconnectionDelay: 50, ...options });
      client.numbers = [];
      client.on('n', (number) => client.numbers.push(number));
      await window.once(client, 'connect');
      return client;
    };
    window.upgraded = async ({ io: { engine } }) => {
      if (engine.transport.name !== 'websocket') await window.once(engine, 'upgrade');
    };
  });
  return page;
}

const url = () => `http://127.0.0.1:${port}`;

for (const [way, transports] of Object.entries(kWays)) {
  test(`the browser's client talks both ways by ${way}`, kLimits, async () => {
    const page = await openPage();
    const seen = await page.evaluate(
      async ({ at, options, upgrades }) => {
        const client = await window.connect(at, { ...options, auth: { token: 'abc' } });
        if (upgrades) await window.upgraded(client);
        const back = window.once(client, 'message-back');
        client.emit('message', 1, 'two € 🚢', { three: [true, null] });
        const event = (await back).slice(0, 3);
        client.once('question', (value, ack) => ack(value + 1));
        const answer = window.once(client, 'answer');
        client.emit('ask-me', 41);
        const custom = client.io.socket('/custom');
        await window.once(custom, 'connect');
        return {
          event,
          acked: await window.ask(client, 'message-with-ack', 'x', { a: 1 }),
          answer: (await answer)[0],
          custom: await window.ask(custom, 'message-with-ack', 'there'),
          transport: client.io.engine.transport.name,
        };
      },
      { at: url(), options: { transports }, upgrades: way === 'upgrade' },
    );
    assert.deepEqual(seen, {
      event: [1, 'two € 🚢', { three: [true, null] }],
      acked: ['x', { a: 1 }],
      answer: 42,
      custom: ['there'],
      transport: way === 'polling' ? 'polling' : 'websocket',
    });
  });

  test(`bytes arrive as they were sent by ${way}`, kLimits, async () => {
    const page = await openPage();
    const seen = await page.evaluate(
      async ({ at, options, upgrades }) => {
        const client = await window.connect(at, options);
        if (upgrades) await window.upgraded(client);
        const all = Uint8Array.from({ length: 256 }, (_, i) => i);
        const [buffer, blob, deep] = await window.ask(
          client,
          'message-with-ack',
          all.buffer,
          new Blob([all]),
          { deep: [new Uint8Array(70_000).fill(7)] },
        );
        const list = (bytes) => Array.from(new Uint8Array(bytes));
        return {
          buffer: list(buffer),
          blob: list(blob),
          length: deep.deep[0].byteLength,
          same: list(deep.deep[0]).every((byte) => byte === 7),
        };
      },
      { at: url(), options: { transports }, upgrades: way === 'upgrade' },
    );
    const all = Array.from({ length: 256 }, (_, i) => i);
    assert.deepEqual(seen, { buffer: all, blob: all, length: 70_000, same: true });
  });

  test(`what was missed comes back, once and in order, by ${way}`, kLimits, async () => {
    const page = await openPage();
    const proxy = await startProxy(port);
    try {
      await page.evaluate(
        async ({ through, at, options, upgrades }) => {
          window.client = await window.connect(through, options);
          window.publisher = await window.connect(at, { transports: ['websocket'] });
          if (upgrades) await window.upgraded(window.client);
          const first = window.once(window.client, 'n');
          window.publisher.emit('broadcast', 'n', 0);
          await first;
          window.gone = window.once(window.client, 'disconnect');
        },
        { through: proxy.url, at: url(), options: { transports }, upgrades: way === 'upgrade' },
      );
      const id = await page.evaluate(() => window.client.id);
      proxy.cut();
      const [reason] = await page.evaluate(() => window.gone);
      assert.match(reason, /^transport (close|error)$/);
      await page.evaluate(async () => {
        for (let n = 1; n <= 20; ++n) window.publisher.emit('broadcast', 'n', n);
        await window.ask(window.publisher, 'message-with-ack');
        window.back = window.once(window.client, 'connect');
      });
      proxy.restore();
      const after = await page.evaluate(async () => {
        await window.back;
        window.publisher.emit('broadcast', 'n', 21);
        while (!window.client.numbers.includes(21)) await window.once(window.client, 'n');
        const { id, recovered, numbers } = window.client;
        return { id, recovered, numbers };
      });
      const numbers = Array.from({ length: 22 }, (_, n) => n);
      assert.deepEqual(after, { id, recovered: true, numbers });
    } finally {
      await proxy.stop();
    }
  });
}

test('the browser comes back as somebody else once it was put out', kLimits, async () => {
  const page = await openPage();
  for (const transports of Object.values(kWays)) {
    const seen = await page.evaluate(
      async ({ at, options }) => {
        const client = await window.connect(at, options);
        const first = client.id;
        const gone = window.once(client, 'disconnect');
        client.emit('kick-close');
        const [reason] = await gone;
        const isActive = client.active;
        client.connect();
        await window.once(client, 'connect');
        return { reason, isActive, isOther: client.id !== first };
      },
      { at: url(), options: { transports } },
    );
    assert.deepEqual(seen, { reason: 'io server disconnect', isActive: false, isOther: true });
  }
});
