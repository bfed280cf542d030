// Connection state recovery that npm's servers and ours share: who is dropped by one goes on with
// another and misses nothing, and gets nothing twice.

import assert from 'node:assert/strict';
import {after, afterEach, before, describe, it} from 'node:test';
import {io} from 'socket.io-client';
import {Proxy} from '../lib/proxy.mjs';
import {eventually, within} from '../lib/wait.mjs';
import {Client, Cluster} from './cluster.mjs';

const kinds = process.env.INTEROP_SERVER === 'reference' ?
  ['node', 'node'] : ['trackwire', 'node', 'trackwire2'];

describe(`recovery shared by ${kinds.join(', ')}`, () => {
  let cluster;
  let proxy;
  let moving;
  before(async () => {
    cluster = await Cluster.start(kinds, '--adapter', 'streams', '--recovery');
  });
  afterEach(async () => {
    moving?.socket.disconnect();
    await proxy?.close();
    cluster.forget();
  });
  after(() => cluster.stop());

  /** A client that comes back by itself, to whatever server the proxy leads to. */
  async function movingClient(server, nsp = '/') {
    proxy = await Proxy.to(cluster.servers[server].port);
    const socket = io(`http://127.0.0.1:${proxy.port}${nsp}`, {
      transports: ['websocket'], forceNew: true, reconnectionDelay: 10, reconnectionDelayMax: 20,
    });
    moving = new Client(socket);
    await moving.connected;
    await moving.ask('join', 'r');
    await moving.ask('set-data', {user: 'u', list: [1, null]});
    await moving.ask('emit', {rooms: ['r']}, 'first');
    await moving.expect('first');
    return moving;
  }

  /** The client is cut off and its server has seen it. */
  async function cutOff(server, witness) {
    const {id} = moving;
    proxy.cutAndRefuse();
    await moving.gone;
    await eventually(async () => {
      const found = await witness.ask('fetch', {rooms: [id]});
      return found.length === 0;
    }, 'the end of the socket');
  }

  async function backAt(server) {
    const connected = new Promise((resolve) => moving.socket.once('connect', resolve));
    proxy.target = cluster.servers[server].port;
    proxy.open();
    await within(connected, 'the return');
  }

  const pairs = kinds.flatMap((_, from) => kinds.map((__, to) => [from, to]));
  for (const [from, to] of pairs) {
    it(`from ${from} (${kinds[from]}) to ${to} (${kinds[to]})`, async () => {
      const [speaker, other] = [await cluster.client(to), await cluster.client(from)];
      const client = await movingClient(from);
      const {id} = client;
      await cutOff(from, speaker);
      for (let i = 0; i < 5; ++i) {
        const asker = i % 2 === 0 ? speaker : other;
        await asker.ask('emit', {rooms: ['r']}, 'missed', i);
        await asker.ask('emit', {rooms: ['elsewhere']}, 'not for it', i);
        await asker.ask('emit', {except: ['r']}, 'not for it either', i);
        await asker.ask('emit', {volatile: true, rooms: ['r']}, 'fleeting', i);
        // Both servers append in their own time: the order is the stream's.
        await other.expect('not for it either', i);
      }
      await speaker.ask('emit', {rooms: [id]}, 'bytes', Buffer.from([0, 255]));
      // What is on its way to the stream is behind what was asked for before it.
      await speaker.ask('emit', {}, 'to all');
      await other.expect('to all');

      await backAt(to);
      assert.equal(client.socket.recovered, true);
      assert.equal(client.id, id);
      const missed = [];
      for (;;) {
        const event = await client.next();
        if (event[0] === 'to all') break;
        // npm's servers replay volatile events too.
        if (event[0] !== 'fleeting' || !kinds[to].startsWith('node')) missed.push(event);
      }
      assert.deepEqual(missed, [
        ...[0, 1, 2, 3, 4].map((i) => ['missed', i]), ['bytes', Buffer.from([0, 255])]]);

      await other.ask('emit', {rooms: ['r']}, 'live');
      await client.expect('live');
      const [seen] = await other.ask('fetch', {rooms: [id]});
      assert.deepEqual(seen.data, {user: 'u', list: [1, null]});
      assert.deepEqual(seen.rooms.sort(), [id, 'r'].sort());
    });
  }

  it('a client that goes round and round gets each event once', async () => {
    const client = await movingClient(0, '/chat');
    const speaker = await cluster.client(0, '/chat');
    const {id} = client;
    for (let round = 0; round < 12; ++round) {
      await speaker.ask('emit', {rooms: ['r']}, 'n', 2 * round);
      await client.expect('n', 2 * round);
      await cutOff(round, speaker);
      await speaker.ask('emit', {rooms: ['r']}, 'n', 2 * round + 1);
      await speaker.ask('emit', {}, 'sent');
      await eventually(async () => (await speaker.next())[0] === 'sent', 'the event');
      await backAt((round + 1) % kinds.length);
      assert.equal(client.socket.recovered, true, `round ${round}`);
      assert.equal(client.id, id);
      await client.expect('n', 2 * round + 1);
      await client.expect('sent');
    }
  });

  it('who asks with a wrong offset or an unknown pid starts anew', async () => {
    for (const [server] of kinds.entries()) {
      for (const auth of [{pid: 'unknown', offset: '1-0'}, {pid: 'x', offset: 'y'}]) {
        const client = await cluster.client(server, '/', {auth});
        assert.equal(client.socket.recovered, false);
      }
    }
  });
});

if (process.env.INTEROP_SERVER !== 'reference') {
  it('a server that is killed takes no client with it', async () => {
    const cluster = await Cluster.start(['trackwire', 'node'], '--adapter', 'streams',
        '--recovery');
    const proxy = await Proxy.to(cluster.servers[0].port);
    const socket = io(`http://127.0.0.1:${proxy.port}`, {
      transports: ['websocket'], reconnectionDelay: 10, reconnectionDelayMax: 20});
    const client = new Client(socket);
    try {
      await client.connected;
      const {id} = client;
      await client.ask('join', 'r');
      await client.ask('emit', {rooms: ['r']}, 'first');
      await client.expect('first');
      proxy.target = cluster.servers[1].port;
      const back = new Promise((resolve) => socket.once('connect', resolve));
      process.kill(cluster.servers[0].pid, 'SIGKILL');
      await within(back, 'the return');
      assert.equal(socket.recovered, true);
      assert.equal(client.id, id);
      const speaker = await cluster.client(1);
      await speaker.ask('emit', {rooms: ['r']}, 'live');
      await client.expect('live');
    } finally {
      socket.disconnect();
      await proxy.close();
      cluster.servers.shift();
      await cluster.stop();
    }
  });
}
