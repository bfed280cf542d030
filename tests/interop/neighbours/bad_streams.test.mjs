// What strangers write to the stream and the channels of the streams adapter, or leave where
// records lie, must not hurt a server of ours, nor what it carries meanwhile.

import assert from 'node:assert/strict';
import {randomBytes} from 'node:crypto';
import {after, before, describe, it} from 'node:test';
import {Cluster} from './cluster.mjs';

const opts = {rooms: [], except: [], flags: {}};
const packet = (...data) => ({type: 2, data});

/** `data` of entries that are wrong in what they say. */
const wrong = [
  '', '{', '{}', '[]', 'null', '{"opts":{}}', 'AAAA', '%', '3/8=', '\x80\x04}.',
  ...[7, null, 'r', [{}], {}].map((rooms) => JSON.stringify(
      {packet: packet('e'), opts: {...opts, rooms: rooms ?? 'null'}})),
  JSON.stringify({packet: packet(), opts}), JSON.stringify({packet: packet({}), opts}),
  JSON.stringify({packet: packet('connect'), opts}), JSON.stringify({packet: [], opts}),
  JSON.stringify({packet: {type: 5, data: ['e']}, opts}),
  JSON.stringify({packet: {type: 2, data: 'e'}, opts}),
  `{"packet":{"type":2,"data":["e",${'['.repeat(1000)}${']'.repeat(1000)}]},"opts":{}}`,
];

function* entries() {
  const known = {uid: 'ffffffffffffffff', nsp: '/', type: '3'};
  for (const data of wrong) {
    for (const type of ['3', '4', '5', '6', '7', '8', '9', '12']) {
      // Whom it concerns is all these need; with that they would be right.
      if (Number(type) < 7 && Number(type) > 3 && data.includes('"opts":{')) continue;
      yield {...known, type, data};
    }
  }
  for (const type of ['', '0', '-1', '14', '1e3', '3x', '99999999999999999999', '\xff']) {
    yield {...known, type, data: '{}'};
  }
  yield {nsp: '/'};
  yield {other: 'fields'};
  yield {...known, nsp: '\xff\xfe', data: '{}'};
  yield {...known, uid: '', data: '{}'};
  for (let i = 0; i < 100; ++i) yield {...known, data: randomBytes(1 + i)};
  for (let i = 0; i < 100; ++i) yield {...known, data: randomBytes(1 + i).toString('base64')};
  for (const hex of ['ddffffffff', 'dfffffffff', 'dbffffffff', 'c6ffffffff', '93a1', 'c1']) {
    yield {...known, data: Buffer.from(hex, 'hex').toString('base64')};
  }
  yield {...known, data: Buffer.alloc(4_000_000, 'A')};
  yield {...known, data: Buffer.alloc(4_000_000, '{')};
  yield {...known, data: Buffer.alloc(3_000_000, 0x91).toString('base64')};
}

describe('bad neighbours on streams', () => {
  let cluster;
  let redis;
  // No server of npm's among them: some of these entries end it.
  before(async () => {
    cluster = await Cluster.start(['trackwire', 'trackwire2'], '--adapter', 'streams',
        '--recovery');
    redis = await cluster.redis.client();
  });
  after(() => cluster.stop());

  it('hurt nobody, while traffic goes on', async () => {
    const clients = await cluster.clients();
    const channels = (await redis.pubSubChannels()).filter((name) => name.startsWith('socket.io#'));
    assert.ok(channels.length >= 6, `${channels}`);
    const sent = [];
    let written = 0;
    for (const entry of entries()) {
      const fields = Object.entries(entry).flat().map((value) => Buffer.from(value, 'latin1'));
      await redis.sendCommand(['XADD', 'socket.io', '*', ...fields]);
      for (const channel of channels) await redis.publish(channel, Buffer.from(entry.data ?? ''));
      if (++written % 20 > 0) continue;
      await clients[written % 40 === 0 ? 0 : 1].ask('emit', {}, 'traffic', written);
      sent.push(written);
    }
    await clients[0].ask('emit', {}, 'last');
    for (const client of clients) {
      const seen = [];
      for (let event = await client.next(); event[0] !== 'last'; event = await client.next()) {
        assert.equal(event[0], 'traffic', 'nothing of the strangers got through');
        seen.push(event[1]);
      }
      assert.deepEqual(seen.sort((a, b) => a - b), sent);
    }
    for (const {alive} of cluster.servers) assert.ok(alive);
    assert.equal((await clients[1].ask('fetch', {})).length, clients.length);
    cluster.forget();
  });

  it('records that are none let their client start anew', async () => {
    const witness = await cluster.client(0);
    await witness.ask('emit', {}, 'x');
    await witness.expect('x');
    const values = ['', '????', 'wQ==', 'gA==', Buffer.alloc(2_000_000, 'A').toString()];
    for (const [index, value] of values.entries()) {
      await redis.set('sio:session:bad', value);
      const client = await cluster.client(index % 2, '/',
          {auth: {pid: 'bad', offset: witness.offset}});
      assert.equal(client.socket.recovered, false);
    }
    await redis.del('sio:session:bad');
    await redis.lPush('sio:session:bad', 'a list');
    const client = await cluster.client(0, '/', {auth: {pid: 'bad', offset: witness.offset}});
    assert.equal(client.socket.recovered, false);
  });

  it('a stream that is taken away or is none comes back', async () => {
    const clients = await cluster.clients();
    await redis.del('socket.io');
    await redis.set('socket.io', 'not a stream');
    await clients[0].ask('emit', {}, 'lost');
    await redis.del('socket.io');
    let back = false;
    clients[1].next().then(() => { back = true; });
    // Which one is the first depends on when the stream is looked at again.
    for (let i = 0; !back; ++i) {
      await clients[0].ask('emit', {}, 'again', i);
      assert.ok(i < 20_000);
    }
    for (const {alive} of cluster.servers) assert.ok(alive);
  });
});
