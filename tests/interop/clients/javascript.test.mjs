// npm's clients, unchanged, on every transport.

import assert from 'node:assert/strict';
import {afterEach, describe, it} from 'node:test';
import {
  ask, collect, comesBack, connected, heartbeats, newClient, once, upgraded, versions, ways,
} from '../lib/clients.mjs';
import {Proxy} from '../lib/proxy.mjs';
import {startServer, useServer} from '../lib/server.mjs';
import {eventually} from '../lib/wait.mjs';

const quick = ['--ping-interval-ms', '100', '--ping-timeout-ms', '5000'];

let open = [];
function track(client) {
  open.push(client);
  return client;
}
afterEach(() => {
  for (const client of open) client.disconnect();
  open = [];
});

for (const [version, io] of Object.entries(versions)) {
  for (const [way, options] of Object.entries(ways)) {
    describe(`socket.io-client ${version} by ${way}`, () => {
      const server = useServer(...quick);
      const client = (more = {}, namespace = '/') =>
        track(newClient(server.port, {...options, ...more}, io, namespace));

      async function ready(more, namespace) {
        const it = await connected(client(more, namespace));
        if (way === 'upgrade') await upgraded(it);
        return it;
      }

      it('connects and is greeted with its credentials', async () => {
        const socket = client({auth: {token: 'abc', nested: [1, {a: null}]}});
        const [auth] = await once(socket, 'auth');

        assert.deepEqual(auth, {token: 'abc', nested: [1, {a: null}]});
        assert.equal(typeof socket.id, 'string');
        assert.notEqual(socket.id, socket.io.engine.id);
        if (way === 'upgrade') await upgraded(socket);
        assert.equal(socket.io.engine.transport.name, way === 'polling' ? 'polling' : 'websocket');
      });

      it('sends and receives events', async () => {
        const socket = await ready();
        const args = [1, 'two \u20ac \ud83d\udea2', {three: [true, null]}, 4.5, ''];
        const back = once(socket, 'message-back');
        socket.emit('message', ...args);

        assert.deepEqual(await back, args);
      });

      it('sends and receives binary', async () => {
        const socket = await ready();
        const bytes = Buffer.from(Array.from({length: 256}, (_, i) => i));
        const back = once(socket, 'message-back');
        socket.emit('message', bytes, {deep: [new Uint8Array([9, 8])]}, 'text');

        const [first, second, third] = await back;
        assert.deepEqual(Buffer.from(first), bytes);
        assert.deepEqual(Buffer.from(second.deep[0]), Buffer.from([9, 8]));
        assert.equal(third, 'text');
      });

      it('sends and receives large things', async () => {
        const socket = await ready();
        const text = '\u20ac'.repeat(100000);
        const back = once(socket, 'message-back');
        socket.emit('message', text, Buffer.alloc(300000, 7));

        const [first, second] = await back;
        assert.equal(first, text);
        assert.deepEqual(Buffer.from(second), Buffer.alloc(300000, 7));
      });

      it('has its events acknowledged', async () => {
        const socket = await ready();
        assert.deepEqual(await ask(socket, 'message-with-ack', 1, {a: 2}), [1, {a: 2}]);
        const [bytes] = await ask(socket, 'message-with-ack', Buffer.from([1, 2]));
        assert.deepEqual(Buffer.from(bytes), Buffer.from([1, 2]));
        assert.deepEqual(await ask(socket, 'message-with-ack'), []);
      });

      it('acknowledges events of the server', async () => {
        const socket = await ready();
        socket.once('question', (value, ack) => ack(value + 1, Buffer.from([5])));
        const answer = once(socket, 'answer');
        socket.emit('ask-me', 41);

        const [value, bytes] = await answer;
        assert.equal(value, 42);
        assert.deepEqual(Buffer.from(bytes), Buffer.from([5]));
      });

      it('keeps the order of many', async () => {
        const socket = client();
        const back = collect(socket, 'message-back');
        for (let i = 0; i < 500; ++i) socket.emit('message', i);

        for (let i = 0; i < 500; ++i) assert.deepEqual(await back.next(), [i]);
        if (way === 'upgrade') await upgraded(socket);
      });

      it('speaks to several namespaces over one connection', async () => {
        const main = client();
        const custom = track(main.io.socket('/custom', {auth: {for: 'custom'}}));
        const greeting = once(custom, 'auth');
        custom.connect();
        await connected(main);
        await greeting;

        assert.notEqual(main.id, custom.id);
        custom.disconnect();
        assert.deepEqual(await ask(main, 'message-with-ack', 'still here'), ['still here']);
      });

      it('is told why it may not connect', async () => {
        const [unknown] = await once(client({}, '/nowhere'), 'connect_error');
        assert.equal(unknown.message, 'Invalid namespace');

        const guarded = client({auth: {token: 'wrong'}}, '/guarded');
        const [refused] = await once(guarded, 'connect_error');
        assert.equal(refused.message, 'not allowed');
        assert.deepEqual(refused.data, {code: 'forbidden'});
        guarded.auth = {token: 'secret'};
        guarded.connect();
        await connected(guarded);
      });

      it('hears its room and not others', async () => {
        const [a, b] = [await ready(), await ready()];
        await ask(a, 'join', 'r');
        const heard = {a: collect(a, 'r'), b: collect(b, 'r')};
        const fences = [once(a, 'fence'), once(b, 'fence')];
        b.emit('to-room', 'r', 'r', 'hello');
        b.emit('broadcast', 'fence');
        await Promise.all(fences);

        assert.deepEqual(heard.a.takeAll(), [['hello']]);
        assert.deepEqual(heard.b.takeAll(), []);
      });

      it('is told that the server put it out, and does not come back by itself', async () => {
        const socket = await ready();
        const gone = once(socket, 'disconnect');
        socket.emit('kick');

        assert.deepEqual((await gone).slice(0, 1), ['io server disconnect']);
        assert.equal(socket.active, false);
        socket.connect();
        await connected(socket);
      });

      it('is let go together with its connection, and may come again', async () => {
        const socket = await ready();
        const gone = once(socket, 'disconnect');
        socket.emit('kick-close');

        assert.deepEqual((await gone).slice(0, 1), ['io server disconnect']);
        socket.connect();
        await connected(socket);
        assert.deepEqual(await ask(socket, 'message-with-ack', 'x'), ['x']);
      });

      it('leaves for good when it says so, and the server knows why', async () => {
        const [socket, observer] = [await ready(), await ready()];
        const gone = once(socket, 'disconnect');
        socket.disconnect();

        assert.deepEqual((await gone).slice(0, 1), ['io client disconnect']);
        await eventually(async () => {
          const [reasons] = await ask(observer, 'last-reasons');
          return reasons.at(-1) === 'client namespace disconnect';
        }, 'the reason');
      });

      it('stays through many heartbeats', async () => {
        const socket = await ready();
        let left = false;
        socket.on('disconnect', () => { left = true; });
        await heartbeats(socket, 3);

        assert.equal(left, false);
        assert.deepEqual(await ask(socket, 'message-with-ack', 'x'), ['x']);
      });

      it('leaves and comes back', async () => {
        const socket = await ready();
        const first = socket.id;
        socket.disconnect();
        socket.connect();
        await connected(socket);

        assert.notEqual(socket.id, first);
        assert.deepEqual(await ask(socket, 'message-with-ack', 'x'), ['x']);
      });

      if (!comesBack(version, way)) return;
      it('comes back after its connection was cut', async () => {
        const proxy = await Proxy.to(server.port);
        try {
          const socket = track(newClient(proxy.port, options, io));
          await connected(socket);
          if (way === 'upgrade') await upgraded(socket);
          const gone = once(socket, 'disconnect');
          const back = gone.then(() => once(socket, 'connect'));
          proxy.cutAndRefuse();
          assert.match((await gone)[0], /^transport (close|error)$/);

          proxy.open();
          await back;
          assert.deepEqual(await ask(socket, 'message-with-ack', 'x'), ['x']);
        } finally {
          await proxy.close();
        }
      });
    });
  }

  describe(`socket.io-client ${version} and a server that dies`, () => {
    for (const [way, options] of Object.entries(ways)) {
      if (!comesBack(version, way)) continue;
      it(`finds the next one, by ${way}`, async () => {
        const first = await startServer(...quick);
        const socket = track(newClient(first.port, options, io));
        await connected(socket);
        const gone = once(socket, 'disconnect');
        const back = gone.then(() => once(socket, 'connect'));
        await first.kill();
        assert.match((await gone)[0], /^transport (close|error)$/);

        const second = await startServer(...quick, '--port', `${first.port}`);
        await back;
        assert.deepEqual(await ask(socket, 'message-with-ack', 'again'), ['again']);
        socket.disconnect();
        await second.stop();
      });
    }
  });
}
