// Everything that reaches over a cluster, asked of each of its servers in turn. The same for any
// mix of servers that speak the same language.

import assert from 'node:assert/strict';
import {after, afterEach, before, describe, it} from 'node:test';
import {eventually, within} from '../lib/wait.mjs';
import {Cluster, newFence} from './cluster.mjs';

/** npm's servers give up after 5 s: an answer that took so long was none. */
const promptMs = 4_000;

export function operations(title, kinds, ...flags) {
  describe(title, () => {
    let cluster;
    before(async () => {
      cluster = await Cluster.start(kinds, ...flags);
    });
    afterEach(() => cluster.forget());
    after(() => cluster.stop());

    for (const [from, kind] of kinds.entries()) {
      describe(`asked of server ${from} (${kind})`, () => {
        for (const nsp of ['/', '/chat']) broadcasts(() => cluster, from, nsp);
        sockets(() => cluster, from);
        acknowledgements(() => cluster, from);
        serverSide(() => cluster, from);
      });
    }
  });
}

/** Everybody gets what is expected of them, and nothing else up to a broadcast to all. */
async function expectOnly(asker, clients, expected) {
  const number = newFence();
  await asker.ask('emit', {}, 'fence', number);
  for (const [index, client] of clients.entries()) {
    for (const event of expected(client, index)) await client.expect(...event);
    await client.expect('fence', number);
  }
}

function broadcasts(cluster, from, nsp) {
  it(`a broadcast in ${nsp} reaches the clients of all servers once`, async () => {
    const clients = await cluster().clients(nsp);
    const values = [1, -2.5, 'zwölf', null, true, {a: [{}]}, 2 ** 40];
    await clients[from].ask('emit', {}, 'all', ...values);
    await expectOnly(clients[from], clients, () => [['all', ...values]]);
  });

  it(`rooms and exceptions in ${nsp} hold on all servers`, async () => {
    const clients = await cluster().clients(nsp);
    for (const client of clients) await client.ask('join', 'r1');
    await clients[0].ask('join', 'r2');
    const asker = clients[from];
    const last = clients.length - 1;

    await asker.ask('emit', {rooms: ['r1']}, 'one room');
    await asker.ask('emit', {rooms: ['r1', 'r2']}, 'two rooms');
    await asker.ask('emit', {except: ['r2']}, 'not r2');
    await asker.ask('emit', {rooms: ['r1'], except: [clients[last].id]}, 'not the last');
    await asker.ask('emit', {rooms: [clients[last].id]}, 'the last');
    await asker.ask('emit', {rooms: ['nobody']}, 'nobody');

    await expectOnly(asker, clients, (_, index) => [
      ['one room'],
      ['two rooms'],
      ...index === 0 ? [] : [['not r2']],
      ...index === last ? [['the last']] : [['not the last']],
    ]);
  });

  it(`binary and flags in ${nsp} go everywhere, what is local stays`, async () => {
    const clients = await cluster().clients(nsp);
    const bytes = Buffer.from([0, 1, 254, 255]);
    const asker = clients[from];
    await asker.ask('emit', {compress: false}, 'bytes', {deep: [bytes]}, bytes);
    // Where broadcasts take a way over a stream, what is local overtakes them.
    for (const client of clients) await client.expect('bytes', {deep: [bytes]}, bytes);
    await asker.ask('emit', {local: true}, 'local');
    await asker.expect('local');
    await asker.ask('emit', {volatile: true}, 'volatile');

    await expectOnly(asker, clients, () => [['volatile']]);
  });
}

function sockets(cluster, from) {
  it('sockets of all servers join and leave rooms', async () => {
    const clients = await cluster().clients();
    const [asker, last] = [clients[from], clients.at(-1)];
    await last.ask('join', 'old');
    // npm's servers do it when they hear of it, even what they said themselves.
    const members = (room, count) => eventually(
        async () => (await asker.ask('fetch', {rooms: [room]})).length === count, room);
    await asker.ask('sockets-join', {except: ['old']}, ['new', 'also new']);
    await members('also new', clients.length - 1);
    await asker.ask('emit', {rooms: ['new']}, 'to new');
    await asker.ask('emit', {rooms: ['also new']}, 'to also new');
    await asker.ask('sockets-leave', {rooms: [clients[0].id]}, ['new']);
    await members('new', clients.length - 2);
    await asker.ask('emit', {rooms: ['new']}, 'to new again');

    await expectOnly(asker, clients, (client, index) => client === last ? [] : [
      ['to new'], ['to also new'], ...index === 0 ? [] : [['to new again']],
    ]);
  });

  it('finds the sockets of all servers', async () => {
    const clients = await cluster().clients('/chat');
    for (const [index, client] of clients.entries()) {
      await client.ask('join', 'found');
      await client.ask('set-data', {index, text: 'ä"\\'});
    }
    const asker = clients[from];
    const found = await within(asker.ask('fetch', {rooms: ['found']}), 'sockets', promptMs);
    assert.deepEqual(found.map(({id}) => id).sort(), clients.map(({id}) => id).sort());
    for (const {id, rooms, data, handshake} of found) {
      const index = clients.findIndex((client) => client.id === id);
      assert.deepEqual(rooms.sort(), [id, 'found'].sort());
      assert.deepEqual(data, {index, text: 'ä"\\'});
      for (const [key, type] of Object.entries({headers: 'object', time: 'string',
        address: 'string', xdomain: 'boolean', secure: 'boolean', issued: 'number',
        url: 'string', query: 'object', auth: 'object'})) {
        assert.equal(typeof handshake[key], type, key);
      }
      assert.equal(handshake.query.EIO, '4');
    }
    const some = await within(
        asker.ask('fetch', {rooms: ['found'], except: [clients[0].id]}), 'sockets', promptMs);
    assert.equal(some.length, clients.length - 1);
    assert.deepEqual(await within(asker.ask('fetch', {rooms: ['none']}), 'none', promptMs), []);
    assert.equal(await asker.ask('server-count'), clients.length);
  });

  it('disconnects sockets of all servers', async () => {
    const clients = await cluster().clients();
    const others = await cluster().clients();
    for (const client of clients) await client.ask('join', 'leaves');
    for (const client of others) await client.ask('join', 'closes');
    const asker = await cluster().client(from);
    await asker.ask('disconnect-sockets', {rooms: ['leaves']}, false);
    await asker.ask('disconnect-sockets', {rooms: ['closes']}, true);
    for (const client of [...clients, ...others]) {
      assert.equal(await within(client.gone, 'the end'), 'io server disconnect');
    }
    // To this one alone: others' would reach the clients of the next test.
    await asker.ask('emit', {rooms: [asker.id]}, 'alone');
    await asker.expect('alone');
  });
}

function acknowledgements(cluster, from) {
  it('gathers what the clients of all servers acknowledge', async () => {
    const clients = await cluster().clients();
    for (const [index, client] of clients.entries()) {
      await client.ask('join', 'asked');
      client.answer = (...args) => [{index, args}];
    }
    const asker = clients[from];
    const {answers, timedOut} = await within(
        asker.ask('emit-ack', {rooms: ['asked'], timeout: 8_000}, 'question', 1, 'two'),
        'all answers', promptMs);
    assert.equal(timedOut, false);
    assert.deepEqual(answers.sort((a, b) => a.index - b.index),
        clients.map((_, index) => ({index, args: [1, 'two']})));
    for (const client of clients) await client.expect('question', 1, 'two');
  });

  it('carries binary in questions and answers', async () => {
    const clients = await cluster().clients();
    const bytes = Buffer.from('0080ff', 'hex');
    const last = clients[(from + 1) % clients.length];
    last.answer = (given) => [{given}];
    const {answers} = await within(clients[from].ask(
        'emit-ack', {rooms: [last.id], timeout: 8_000}, 'question', bytes), 'an answer', promptMs);
    assert.deepEqual(answers, [{given: bytes}]);
  });

  it('asks nobody and knows it', async () => {
    const asker = await cluster().client(from);
    const result = await within(asker.ask(
        'emit-ack', {rooms: ['nobody'], timeout: 8_000}, 'question'), 'no answers', promptMs);
    assert.deepEqual(result, {answers: [], timedOut: false});
  });

  it('gives the answers that came when one is missing', async () => {
    const clients = await cluster().clients();
    for (const [index, client] of clients.entries()) {
      client.answer = () => index === 0 ? undefined : [index];
    }
    const {answers, timedOut} = await clients[from].ask('emit-ack', {timeout: 300}, 'question');
    assert.equal(timedOut, true);
    assert.deepEqual(answers.sort(), clients.map((_, index) => index).slice(1));
  });
}

function serverSide(cluster, from) {
  it('the other servers hear what a server says', async () => {
    const clients = await cluster().clients();
    await clients[from].ask('server-side', 'say', 1, {two: 'zwei'});
    for (const [index, client] of clients.entries()) {
      if (index !== from) await client.expect('said', `s${index}`, [1, {two: 'zwei'}]);
    }
    await expectOnly(clients[from], clients, () => []);
  });

  it('the other servers answer', async () => {
    const asker = await cluster().client(from);
    const {answers, timedOut} = await within(
        asker.ask('server-side-ack', 'ask', 'x', [null]), 'the servers', promptMs);
    assert.equal(timedOut, false);
    const others = cluster().servers.map((_, index) => `s${index}`).filter((_, i) => i !== from);
    assert.deepEqual(answers.map(({server}) => server).sort(), others);
    for (const {args} of answers) assert.deepEqual(args, ['x', [null]]);
  });
}

/** A handshake of any length until an emitted event has reached everybody: the cluster works. */
export async function expectAlive(clients) {
  for (const [index, client] of clients.entries()) {
    await client.ask('emit', {}, 'alive', index);
    for (const other of clients) {
      await eventually(async () => {
        const [event, value] = await other.next();
        return event === 'alive' && value === index;
      }, 'life');
    }
  }
}
