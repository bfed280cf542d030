// Namespaces that are made for their clients, and handlers of single sockets, with npm's client.

import assert from 'node:assert/strict';
import {afterEach, describe, it} from 'node:test';
import {ask, collect, connected, newClient, once, ways} from '../lib/clients.mjs';
import {calm, useServer} from '../lib/server.mjs';

let open = [];
afterEach(() => {
  for (const client of open) client.disconnect();
  open = [];
});

for (const [way, options] of Object.entries(ways)) {
  describe(`dynamic namespaces by ${way}`, () => {
    const server = useServer(...calm, '--features');
    const client = (namespace, more = {}) => {
      const one = newClient(server.port, {...options, ...more}, undefined, namespace);
      open.push(one);
      return one;
    };
    const refused = async (namespace, more) => {
      const [error] = await once(client(namespace, more), 'connect_error');
      return error.message;
    };

    it('are made for names that fit a pattern', async () => {
      const socket = await connected(client('/dynamic-101'));

      assert.deepEqual(await ask(socket, 'name'), ['/dynamic-101']);
      socket.emit('message', 1, Buffer.from([2]));
      assert.deepEqual(await once(socket, 'message-back'), [1, Buffer.from([2])]);
      assert.equal(await refused('/dynamic-x'), 'Invalid namespace');
      assert.equal(await refused('/dynamic-'), 'Invalid namespace');
    });

    it('are made when a matcher says so, later', async () => {
      await connected(client('/by-auth-1', {auth: {token: 'secret'}}));

      assert.equal(await refused('/by-auth-2', {auth: {token: 'wrong'}}), 'Invalid namespace');
      assert.equal(await refused('/by-auth-3'), 'Invalid namespace');
    });

    it('are many over one connection', async () => {
      const first = client('/dynamic-1');
      const others = [2, 3, 4].map((n) => first.io.socket(`/dynamic-${n}`));
      const all = [first, ...others];
      open.push(...others);
      for (const one of others) one.connect();
      await Promise.all(all.map((one) => connected(one)));

      const news = all.map((one) => once(one, 'news'));
      first.emit('to-all', 'x', 2);

      for (const one of news) assert.deepEqual(await one, ['x', 2]);
    });

    it('go with their last client and come back', async () => {
      const watcher = await connected(client('/'));
      for (let round = 0; round < 3; ++round) {
        const socket = await connected(client('/dynamic-7'));
        assert.deepEqual(await ask(watcher, 'exists', '/dynamic-7'), [true]);
        assert.deepEqual(await ask(socket, 'name'), ['/dynamic-7']);

        socket.disconnect();

        while ((await ask(watcher, 'exists', '/dynamic-7'))[0]) continue;
      }
    });
  });
}

describe('handlers of a socket', () => {
  const server = useServer(...calm, '--features');
  const client = async () => {
    const one = newClient(server.port, ways.websocket, undefined, '/listeners');
    open.push(one);
    return connected(one);
  };

  it('run in their order, once where they are to', async () => {
    const socket = await client();
    const got = [];
    socket.onAny((event) => got.push(event));

    socket.emit('both');
    socket.emit('once');
    socket.emit('once');
    socket.emit('blocked');
    await ask(socket, 'heard');

    assert.deepEqual(got, ['first', 'second', 'once']);
  });

  it('hear all that comes and goes', async () => {
    const socket = await client();
    const news = collect(socket, 'news');
    const second = collect(socket, 'second');

    // One after the other: npm's server hears all that came in one turn before it handles it.
    socket.emit('unknown', 1, {two: [3]});
    socket.emit('both');
    await second.next('second');
    socket.emit('everybody', 'x');
    assert.deepEqual(await news.next('news'), ['x']);
    socket.emit('blocked');
    socket.emit('deaf');
    await ask(socket, 'heard');
    socket.emit('both');
    await second.next('second');
    const [all] = await ask(socket, 'heard');
    const heard = all.filter(([, event]) => event !== 'heard');

    assert.deepEqual(heard, [
      ['in', 'unknown', 1, {two: [3]}], ['in', 'both'], ['out', 'first'], ['out', 'second'],
      ['in', 'everybody', 'x'], ['out', 'news', 'x'], ['in', 'blocked'], ['in', 'deaf'],
      ['out', 'first'], ['out', 'second'],
    ]);
  });

  it('are that socket\u2019s alone', async () => {
    const [one, other] = [await client(), await client()];

    other.emit('both');
    await ask(other, 'heard');

    assert.deepEqual(await ask(one, 'heard'), [[['in', 'heard']]]);
  });
});
