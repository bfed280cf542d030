// The program itself beside npm's servers: namespaces that `neighbours.adapters` names are shared
// with the real packages. Its clients say nothing there, so npm's side speaks and asks.

import assert from 'node:assert/strict';
import {createServer} from 'node:http';
import {after, before, describe, it} from 'node:test';
import {Emitter} from '@socket.io/redis-emitter';
import {Server} from 'socket.io';
import {io} from 'socket.io-client';
import {Gateway, run} from '../../integration/lib/gateway.mjs';
import {member, secret} from '../../integration/lib/token.mjs';
import {Proxy} from '../lib/proxy.mjs';
import {eventually, within} from '../lib/wait.mjs';
import {adapters} from './adapters.mjs';
import {Client} from './cluster.mjs';
import {startRedis} from './redis.mjs';

const shared = ['--set', 'neighbours.adapters=/chat=classic,/live=streams'];

/** npm's server with one namespace, and its port. */
async function startPeer(redis, kind, name, options = {}) {
  const {adapter, ready} = await adapters[kind](() => redis.client(), {});
  const http = createServer();
  const server = new Server(http, {adapter, ...options});
  const nsp = server.of(name);
  nsp.on('connection', (socket) => {
    socket.on('join', async (room, ack) => ack(await socket.join(room)));
  });
  await ready();
  await new Promise((resolve) => http.listen(0, '127.0.0.1', resolve));
  return {nsp, port: http.address().port, stop: () => new Promise((end) => server.close(end))};
}

describe('the gateway', () => {
  let redis;
  let gateway;
  const clients = [];
  before(async () => {
    redis = await startRedis();
    gateway = await Gateway.start(['--redis', redis.url, '--threads', '2', ...shared]);
  });
  after(async () => {
    for (const client of clients) client.socket.disconnect();
    gateway.signal('SIGTERM');
    const code = await gateway.ended();
    await gateway.stop();
    await redis.stop();
    assert.equal(code, 0, gateway.log);
  });

  async function connect(port, name, options = {}) {
    const client = new Client(io(`http://127.0.0.1:${port}${name}`, {
      transports: ['websocket'], forceNew: true, reconnection: false,
      auth: {token: member('acme')}, ...options,
    }));
    clients.push(client);
    await client.connected;
    return client;
  }

  describe('shares /chat with @socket.io/redis-adapter', () => {
    let peer;
    let ours;
    let theirs;
    before(async () => {
      peer = await startPeer(redis, 'classic', '/chat');
      ours = [await connect(gateway.port, '/chat'), await connect(gateway.port, '/chat')];
      theirs = await connect(peer.port, '/chat');
    });
    after(() => {
      theirs.socket.disconnect();
      return peer.stop();
    });
    const everybody = () => [...ours, theirs];
    const members = (room, count) => eventually(
        async () => (await peer.nsp.in(room).fetchSockets()).length === count, `${count} in ${room}`);

    it('everybody is counted and found', async () => {
      const found = await within(peer.nsp.fetchSockets(), 'the sockets', 4_000);
      assert.deepEqual(found.map(({id}) => id).sort(), everybody().map(({id}) => id).sort());
      const remote = found.find(({id}) => id === ours[0].id);
      assert.deepEqual([...remote.rooms], [ours[0].id]);
      // Tokens stay here: whoever reads the channel would have them.
      assert.deepEqual(remote.handshake.auth, {});
      assert.ok(!JSON.stringify(remote.handshake).includes(member('acme').split('.')[2]));
    });

    it('broadcasts and rooms reach its clients once', async () => {
      peer.nsp.in(ours[0].id).socketsJoin(['r', 'only']);
      peer.nsp.in(theirs.id).socketsJoin('r');
      await members('r', 2);
      peer.nsp.emit('all', {n: 1}, Buffer.from([0, 255]));
      peer.nsp.to('r').emit('room');
      peer.nsp.to(['r', 'only']).emit('either');
      peer.nsp.except('r').emit('others');
      peer.nsp.emit('end');
      const both = [['room'], ['either']];
      for (const [client, heard] of [[ours[0], both], [ours[1], [['others']]], [theirs, both]]) {
        await client.expect('all', {n: 1}, Buffer.from([0, 255]));
        for (const event of heard) await client.expect(...event);
        await client.expect('end');
      }
      peer.nsp.in('only').socketsLeave('r');
      await members('r', 1);
    });

    it('its clients acknowledge', async () => {
      for (const [index, client] of everybody().entries()) client.answer = () => [index];
      const answers = await within(
          peer.nsp.timeout(8_000).emitWithAck('question'), 'all answers', 4_000);
      assert.deepEqual(answers.sort(), [0, 1, 2]);
      for (const client of everybody()) await client.expect('question');
    });

    it('@socket.io/redis-emitter is heard, in that namespace alone', async () => {
      const main = await connect(gateway.port, '/');
      const emitter = new Emitter(await redis.client());
      emitter.emit('to the main namespace');
      emitter.of('/chat').in(ours[1].id).socketsJoin('emitted');
      emitter.of('/chat').to('emitted').emit('emitted', 1, [2]);
      await ours[1].expect('emitted', 1, [2]);
      emitter.of('/chat').emit('to all');
      for (const client of everybody()) await client.expect('to all');
      assert.equal((await main.next())[0], 'session');
      emitter.of('/chat').in('emitted').disconnectSockets();
      assert.equal(await within(ours[1].gone, 'the end'), 'io server disconnect');
      ours.pop();
    });

    it('a server that went away is not waited for', async () => {
      const another = await startPeer(redis, 'classic', '/chat');
      await another.stop();
      const found = await within(peer.nsp.fetchSockets(), 'the sockets', 4_000);
      assert.equal(found.length, 2);
    });
  });

  describe('shares /live with @socket.io/redis-streams-adapter', () => {
    let peer;
    let speaker;
    before(async () => {
      peer = await startPeer(redis, 'streams', '/live', {connectionStateRecovery: {}});
      speaker = await connect(peer.port, '/live');
    });
    after(() => {
      speaker.socket.disconnect();
      return peer.stop();
    });

    const found = async (id) => (await peer.nsp.in(id).fetchSockets()).length === 1;

    for (const [from, to] of [['npm', 'gateway'], ['gateway', 'npm'], ['gateway', 'gateway']]) {
      it(`a client dropped by ${from} goes on with ${to}`, async () => {
        const ports = {npm: peer.port, gateway: gateway.port};
        const proxy = await Proxy.to(ports[from]);
        const client = await connect(proxy.port, '/live',
            {reconnection: true, reconnectionDelay: 10, reconnectionDelayMax: 20});
        try {
          const {id} = client;
          peer.nsp.in(id).socketsJoin('r');
          await eventually(async () =>
            (await peer.nsp.in('r').fetchSockets()).some((one) => one.id === id), 'the room');
          peer.nsp.to('r').emit('first');
          await client.expect('first');

          proxy.cutAndRefuse();
          await client.gone;
          await eventually(async () => !await found(id), 'the end of the socket');
          for (let n = 0; n < 5; ++n) {
            peer.nsp.to('r').emit('missed', n, Buffer.from([n]));
            peer.nsp.to('elsewhere').emit('not for it', n);
            peer.nsp.except('r').emit('not for it either', n);
          }
          const connected = new Promise((resolve) => client.socket.once('connect', resolve));
          proxy.target = ports[to];
          proxy.open();
          await within(connected, 'the return');
          assert.equal(client.socket.recovered, true);
          assert.equal(client.id, id);
          for (let n = 0; n < 5; ++n) await client.expect('missed', n, Buffer.from([n]));
          peer.nsp.to('r').emit('live');
          await client.expect('live');
          assert.ok(await found(id));
        } finally {
          client.socket.disconnect();
          await proxy.close();
        }
      });
    }
  });

  it('counts what it heard and nothing as bad', async () => {
    const metrics = await gateway.metrics();
    const count = (outcome) => metrics[`trackwire_neighbour_messages_total{outcome="${outcome}"}`];
    assert.ok(count('received') > 20);
    assert.equal(count('bad'), 0);
  });
});

it('a gateway that cannot start lets go of its neighbours in order', async () => {
  const redis = await startRedis();
  try {
    const {code, stderr} = await run(['serve', '--listen', '127.0.0.1:0', '--redis', redis.url,
      '--database', 'sqlite:///nowhere/at/all.db', '--set',
      'neighbours.adapters=/chat=classic,/live=streams,/py=python'],
    {env: {TRACKWIRE_AUTH_JWT_SECRET: secret}});
    assert.equal(code, 1, stderr);
    assert.match(stderr, /nowhere/);
  } finally {
    await redis.stop();
  }
});
