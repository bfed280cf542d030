// @socket.io/redis-emitter, which is no server, and the requests of servers of old.

import assert from 'node:assert/strict';
import {after, afterEach, before, describe, it} from 'node:test';
import {Emitter} from '@socket.io/redis-emitter';
import {eventually, within} from '../lib/wait.mjs';
import {Cluster} from './cluster.mjs';

const kinds = process.env.INTEROP_SERVER === 'reference' ? ['node'] : ['trackwire2', 'node'];

describe('processes that only speak', () => {
  let cluster;
  let redis;
  before(async () => {
    cluster = await Cluster.start(kinds);
    redis = await cluster.redis.client();
  });
  afterEach(() => cluster.forget());
  after(() => cluster.stop());

  const emitter = (nsp) => nsp ? new Emitter(redis).of(nsp) : new Emitter(redis);

  it('emit to all, to rooms and with exceptions', async () => {
    const clients = await cluster.clients('/chat');
    for (const client of clients) await client.ask('join', 'r');
    const to = emitter('/chat');
    to.emit('all', 1, {two: [2]});
    to.to('r').emit('room');
    to.to(['r', 'other']).except(clients[0].id).emit('others');
    to.to('nobody').emit('nobody');
    to.compress(false).emit('flags');
    emitter().emit('another namespace');
    to.emit('bytes', Buffer.from([1, 255]));

    for (const [index, client] of clients.entries()) {
      await client.expect('all', 1, {two: [2]});
      await client.expect('room');
      if (index > 0) await client.expect('others');
      await client.expect('flags');
      await client.expect('bytes', Buffer.from([1, 255]));
    }
  });

  it('tell times and what JSON lacks as a server would', async () => {
    const [client] = await cluster.clients();
    emitter().emit('values', new Date(0), undefined, NaN, 2 ** 53, -1.5);
    await client.expect('values', '1970-01-01T00:00:00.000Z', null, null, 2 ** 53, -1.5);
  });

  it('let sockets join, leave and go', async () => {
    const clients = await cluster.clients();
    emitter().in(clients.map(({id}) => id)).socketsJoin(['a', 'b']);
    emitter().to('a').emit('in a');
    emitter().in('a').socketsLeave('a');
    emitter().to(['a', 'none']).emit('in a again');
    emitter().to('b').emit('in b');
    for (const client of clients) {
      await client.expect('in a');
      await client.expect('in b');
    }
    emitter().in('b').disconnectSockets();
    for (const client of clients) {
      assert.equal(await within(client.gone, 'the end'), 'io server disconnect');
    }
  });

  it('are heard by the servers', async () => {
    const clients = await cluster.clients();
    emitter().serverSideEmit('say', 'hello');
    for (const [index, client] of clients.entries()) {
      await client.expect('said', `s${index}`, ['hello']);
    }
  });
});

describe('requests of old servers', () => {
  let cluster;
  let redis;
  let answers;
  before(async () => {
    cluster = await Cluster.start(kinds);
    redis = await cluster.redis.client();
    answers = [];
    await (await cluster.redis.client()).subscribe('socket.io-response#/#',
        (message) => answers.push(JSON.parse(message)));
  });
  afterEach(() => cluster.forget());
  after(() => cluster.stop());

  const request = (body) => redis.publish('socket.io-request#/#', JSON.stringify(body));
  const answer = (id, count = 1) => eventually(() => {
    const mine = answers.filter(({requestId}) => requestId === id);
    return mine.length >= count && mine;
  }, `the answer to ${id}`);

  it('name one socket', async () => {
    for (const client of await cluster.clients()) {
      const sid = client.id;
      await request({type: 2, requestId: `join ${sid}`, sid, room: 'old'});
      assert.deepEqual(await answer(`join ${sid}`), [{requestId: `join ${sid}`}]);
      await client.ask('emit', {rooms: ['old'], local: true}, 'joined');
      await client.expect('joined');

      await request({type: 3, requestId: `leave ${sid}`, sid, room: 'old'});
      await answer(`leave ${sid}`);
      await client.ask('emit', {rooms: ['old'], local: true}, 'left');

      await request({type: 4, requestId: `end ${sid}`, sid, close: false});
      await answer(`end ${sid}`);
      assert.equal(await within(client.gone, 'the end'), 'io server disconnect');
    }
  });

  it('ask for sids and for rooms', async () => {
    const clients = await cluster.clients();
    for (const [index, client] of clients.entries()) {
      await client.ask('join', 'all');
      await client.ask('join', `only ${index}`);
    }
    await request({type: 0, requestId: 'sids', rooms: ['all', 'unknown']});
    const sids = (await answer('sids', clients.length)).flatMap(({sockets}) => sockets);
    assert.deepEqual(sids.sort(), clients.map(({id}) => id).sort());

    await request({type: 1, requestId: 'rooms'});
    const rooms = (await answer('rooms', clients.length)).map((each) => each.rooms.sort());
    const expected = clients.map(({id}, index) => ['all', `only ${index}`, id].sort());
    assert.deepEqual(rooms.sort(), expected.sort());
  });

  it('npm\'s servers get the rooms of all', async () => {
    const clients = await cluster.clients();
    for (const [index, client] of clients.entries()) await client.ask('join', `room ${index}`);
    const rooms = await within(clients.at(-1).ask('all-rooms'), 'all rooms', 4_000);
    assert.deepEqual(rooms.sort(),
        clients.flatMap(({id}, index) => [id, `room ${index}`]).sort());
  });
});
