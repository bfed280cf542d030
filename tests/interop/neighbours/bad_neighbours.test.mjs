// What strangers publish must not hurt a server of ours, nor what it carries meanwhile.

import assert from 'node:assert/strict';
import {randomBytes} from 'node:crypto';
import {readFileSync} from 'node:fs';
import {after, before, describe, it} from 'node:test';
import msgpack from 'notepack.io';
import {Cluster} from './cluster.mjs';

const nesting = (depth) => {
  let value = 1;
  for (let i = 0; i < depth; ++i) value = [value];
  return value;
};

const event = (...data) => ({type: 2, data, nsp: '/'});
const options = {rooms: [], except: [], flags: {}};

/** Whole messages that are wrong in what they say. */
const wrong = [
  [], {}, 1, 'text', null, [1, 2, 3], ['uid'], ['uid', event('e')], ['uid', null, options],
  ['uid', event(), options], ['uid', event(1), options], ['uid', event({}), options],
  ['uid', event('connect'), options], ['uid', {...event('e'), type: 0}, options],
  ['uid', {...event('e'), data: 'e'}, options], ['uid', {...event('e'), nsp: 7}, options],
  ['uid', event('e', Buffer.from('b'), {_placeholder: true, num: 5}), options],
  ['uid', event('e', nesting(1_000)), options],
  ['uid', event('e'), {...options, rooms: 'r'}], ['uid', event('e'), {...options, rooms: [{}]}],
  ['uid', event('e'), {...options, flags: []}], [7, event('e'), options],
  ...[-1, 10, 1e9, 1.5, 'x', null, {}].map((type) => ({uid: 'u', requestId: 'r', type})),
  ...[2, 3, 4, 5, 6, 7].map((type) => ({uid: 'u', requestId: 'r', type})),
  ...[0, 2, 3, 4, 5].map((type) => ({uid: 'u', requestId: 'r', type, opts: 7, rooms: 'all'})),
  ...[0, 1, 5, 6, 7].map((type) => ({uid: 'u', requestId: {}, type, opts: {}, rooms: []})),
  {type: 6, uid: 'u', requestId: 'r', data: 'say'}, {type: 6, uid: 'u', data: []},
  {type: 6, uid: 'u', data: [{}]}, {type: 2, opts: {rooms: [null]}, rooms: [[]]},
  {type: 7, uid: 'u', requestId: 'r', packet: event('e', Buffer.from('b'), {_placeholder: true, num: 3}),
    opts: options},
  {requestId: 'r', sockets: 1}, {requestId: 'r', sockets: [1, null, {}]}, {requestId: 7},
  {type: 8, requestId: 'r', clientCount: -1}, {type: 8, requestId: 'r', clientCount: 'many'},
];

function* messages() {
  for (const value of wrong) {
    const packed = Buffer.from(msgpack.encode(value));
    const json = Buffer.from(JSON.stringify(value));
    yield packed;
    yield json;
    for (const cut of [1, packed.length >> 1, packed.length - 1]) yield packed.subarray(0, cut);
    yield json.subarray(0, json.length - 1);
  }
  yield Buffer.alloc(0);
  for (let i = 0; i < 200; ++i) yield randomBytes(1 + i);
  // What announces more than it brings.
  for (const hex of ['ddffffffff', 'dfffffffff', 'dbffffffff', 'c6ffffffff', '93a1', 'c1', '80']) {
    yield Buffer.from(hex, 'hex');
  }
  yield Buffer.alloc(4_000_000, '{');
  yield Buffer.alloc(4_000_000, 0x91);
  yield Buffer.from(`{"type":5,"requestId":"${'r'.repeat(1_000_000)}","opts":{}}`);
  yield Buffer.concat([Buffer.from('93a1', 'hex'), randomBytes(3_000_000)]);
}

/** Resident memory in MB. */
function memory(pid) {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;
}

describe('bad neighbours', () => {
  let cluster;
  // No server of npm's among them: some of these messages end it.
  before(async () => {
    cluster = await Cluster.start(['trackwire', 'trackwire2']);
  });
  after(() => cluster.stop());

  it('hurt nobody on any channel, while traffic goes on', async () => {
    const redis = await cluster.redis.client();
    const clients = await cluster.clients();
    const channels = (await redis.pubSubChannels()).filter((name) => name.includes('#/#'));
    assert.ok(channels.length >= 4, `${channels}`);
    channels.push('socket.io#/#', 'socket.io#/#room#', 'socket.io#/#a#b#', 'socket.io#/##');
    const before = cluster.servers.map(({pid}) => memory(pid));

    let published = 0;
    let sent = 0;
    for (const message of messages()) {
      for (const channel of channels) {
        await redis.publish(channel, message);
        if (++published % 100 > 0) continue;
        const from = sent++ % clients.length;
        clients[from].ask('emit', {}, 'traffic', sent);
      }
    }
    await clients[0].ask('emit', {}, 'last');

    for (const client of clients) {
      const seen = new Set();
      for (;;) {
        const got = await client.next();
        const [name, number] = got;
        if (name === 'last') break;
        assert.equal(name, 'traffic', `a stranger got through: ${JSON.stringify(got).slice(0, 200)}`);
        assert.ok(!seen.has(number), 'nothing comes twice');
        seen.add(number);
      }
      // Of the other server's the last may still be on its way.
      assert.ok(seen.size >= sent - 1, `${seen.size} of ${sent} events`);
    }
    for (const [index, {pid, alive}] of cluster.servers.entries()) {
      assert.ok(alive);
      const more = memory(pid) - before[index];
      assert.ok(more < 300, `${more} MB more than before`);
    }
    const {answers, timedOut} = await clients[0].ask('server-side-ack', 'ask', 'still there?');
    assert.equal(timedOut, false);
    assert.equal(answers.length, 1);
    assert.equal((await clients[1].ask('fetch', {})).length, clients.length);
  });
});
