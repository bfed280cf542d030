// Two hundred official clients on a bad network, which all come back and resume: each hears each
// number once and in order. INTEROP_SEED repeats the dice of a run.

import assert from 'node:assert/strict';
import {describe, it} from 'node:test';
import {setTimeout as pause} from 'node:timers/promises';
import {
  ask, collect, connected, newClient, recovering, versions, ways,
} from '../lib/clients.mjs';
import {FaultyProxy} from '../lib/faulty_proxy.mjs';
import {publishNews, startGateway} from '../lib/gateway.mjs';
import {Ledger} from '../lib/ledger.mjs';
import {isReference, startServer, threads} from '../lib/server.mjs';
import {eventually} from '../lib/wait.mjs';

const size = 200;
const rageMs = 6000;
const longestRageMs = 25000;
const seed = Number(process.env.INTEROP_SEED ?? Date.now() % 2 ** 32);
// A black hole is noticed after both together.
const intervalMs = '1000';
const timeoutMs = '3000';

function crowd(port, {event, numberOf}, ledger) {
  const kinds = Object.values(ways);
  return Array.from({length: size}, (_, i) => {
    const client = newClient(
        port, {
          ...kinds[i % kinds.length], timeout: 5000, reconnectionDelay: 30,
          reconnectionDelayMax: 300,
        },
        versions[recovering[Math.floor(i / kinds.length) % recovering.length]]);
    client.losses = 0;
    client.on('disconnect', () => ++client.losses);
    client.on(event, (payload) => ledger.hear(i, numberOf(payload)));
    return client;
  });
}

/** A server that keeps what it sent in memory. A publisher emits to everybody. */
async function startExample() {
  const server = await startServer(
      '--ping-interval-ms', intervalMs, '--ping-timeout-ms', timeoutMs, '--connect-timeout-ms',
      '30000', '--recovery');
  const publisher = await connected(newClient(server.port, ways.websocket), 30000);
  return {
    server,
    event: 'n',
    numberOf: (number) => number,
    tell: (number) => publisher.emit('broadcast', 'n', number),
    settle: () => ask(publisher, 'message-with-ack', 'settled'),
    async stop() {
      publisher.disconnect();
      await server.stop();
    },
  };
}

/** The gateway, which resumes from its log. It publishes what it is asked to by HTTP. */
async function startLogged() {
  const settings = {
    'heartbeat.interval_ms': intervalMs,
    'heartbeat.timeout_ms': timeoutMs,
    // All come from one address.
    'rate_limits.connection_address_per_second': 0,
    'rate_limits.connection_user_per_second': 0,
  };
  const server = await startGateway(
      ...Object.entries(settings).flatMap(([key, value]) => ['--set', `${key}=${value}`]));
  return {
    server,
    event: 'news',
    numberOf: ({n}) => n,
    tell: (n) => publishNews(server.port, {n}),
    settle: () => {},
    stop: () => server.stop(),
  };
}

async function endure(t, world) {
  t.diagnostic(`INTEROP_SEED=${seed}`);
  const proxy = await FaultyProxy.to(world.server.port, seed);
  const ledger = new Ledger(size);
  const clients = crowd(proxy.port, world, ledger);
  let told = 0;
  const tell = () => world.tell(told++);
  const allHave = (limit) => eventually(
      () => ledger.behind(told).length === 0, `all to hear ${told} numbers`, limit);
  try {
    await Promise.all(clients.map((client) => connected(client, 30000)));
    // Nobody can resume who has not heard anything.
    await tell();
    await allHave(30000);

    proxy.rage();
    const start = Date.now();
    const raged = () => Date.now() - start;
    while (raged() < rageMs || (!proxy.triedAll && raged() < longestRageMs)) {
      await tell();
      await pause(25);
    }
    proxy.calm();
    await tell();
    await allHave(40000).catch((error) => {
      const behind = ledger.behind(told);
      throw new Error(`${error.message}; ${behind.length} have not, the first is ${behind[0]}`);
    });

    await world.settle();
    assert.deepEqual(ledger.faults, []);
    const losses = clients.reduce((sum, client) => sum + client.losses, 0);
    t.diagnostic(`${told} numbers, ${losses} disconnections, ${JSON.stringify(proxy.counts)}`);
    assert.ok(losses > size / 4, `only ${losses} disconnections: the network was too good`);
    assert.ok(proxy.triedAll, JSON.stringify(proxy.counts));
  } catch (error) {
    error.message += ` (INTEROP_SEED=${seed}, ${ledger.faults.slice(0, 5).join('; ')})`;
    throw error;
  } finally {
    for (const client of clients) client.disconnect();
    await proxy.close();
  }
}

// Each takes its time, so one of them on one shard and the other on two.
const worlds = threads === '1' ? {'a server that remembers': startExample} :
                                 {'the gateway and its log': startLogged};
// npm's server sends what was missed before it answers CONNECT, so that a cut there doubles it, and
// it does not know a client again whose former connection still seems to live.
for (const [name, start] of isReference ? [] : Object.entries(worlds)) {
  describe(`Two hundred clients on a bad network, and ${name}`, () => {
    it('miss nothing, hear nothing twice and all in order', {timeout: 110000}, async (t) => {
      const world = await start();
      try {
        await endure(t, world);
      } finally {
        await world.stop();
      }
    });
  });
}

describe('The ledger of what was heard', () => {
  // What a listener makes of each number: the numbers it hands on.
  const spoilers = {
    'nothing wrong': {change: (n) => [n], faults: []},
    'a dropped number': {change: (n) => n === 3 ? [] : [n], faults: ['heard 4 and missed 3']},
    'a doubled number':
        {change: (n) => n === 3 ? [3, 3] : [n], faults: ['heard 3 again or late, after 3']},
    'two numbers the wrong way round': {
      change: (n) => n === 3 ? [] : n === 4 ? [4, 3] : [n],
      faults: ['heard 4 and missed 3', 'heard 3 again or late, after 4'],
    },
    'a dropped last number': {change: (n) => n === 9 ? [] : [n], faults: [], behind: [0]},
  };
  for (const [name, {change, faults, behind = []}] of Object.entries(spoilers)) {
    it(`finds ${name} on a real connection`, async () => {
      const server = await startServer('--ping-interval-ms', '60000', '--recovery');
      const client = newClient(server.port, ways.websocket);
      try {
        const heard = collect(client, 'n');
        await connected(client);
        const ledger = new Ledger(1);
        for (let n = 0; n < 10; ++n) client.emit('broadcast', 'n', n);
        for (let n = 0; n < 10; ++n) {
          const [number] = await heard.next();
          for (const changed of change(number)) ledger.hear(0, changed);
        }
        assert.deepEqual(ledger.faults, faults.map((fault) => `listener 0 ${fault}`));
        assert.deepEqual(ledger.behind(10), behind);
      } finally {
        client.disconnect();
        await server.stop();
      }
    });
  }
});
