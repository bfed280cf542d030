import assert from 'node:assert/strict';
import {describe, it} from 'node:test';
import {PollingSession} from '../lib/engineio.mjs';
import {calm, useServer} from '../lib/server.mjs';
import {connect, connectPolling, openConnection, socketPath} from '../lib/socketio.mjs';

describe('Socket.IO CONNECT', () => {
  const server = useServer(...calm);

  it('joins the main namespace', async () => {
    const client = await openConnection(server.port);
    await client.send('0');

    const reply = await client.next();
    assert.match(reply, /^0\{/);
    const data = JSON.parse(reply.slice(1));
    assert.deepEqual(Object.keys(data), ['sid']);
    assert.notEqual(data.sid, client.engine.sid);
    await client.greeting();
    await client.close();
  });

  it('joins it by its full name too', async () => {
    const client = await openConnection(server.port);
    await client.send('0/,');

    assert.match(await client.next(), /^0\{"sid":"[^"]+"\}$/);
    await client.greeting();
    await client.close();
  });

  it('joins with credentials', async () => {
    const auth = {token: '1\u20ac"\\', nested: {list: [1, null, true]}};
    const client = await connect(server.port, auth);
    await client.expectAlive();
    await client.close();
  });

  it('joins a custom namespace, with and without credentials', async () => {
    for (const auth of [undefined, {}, {token: 'abc'}]) {
      const client = await openConnection(server.port);
      await client.connect('/custom', auth);
      await client.greeting('/custom', auth);
      await client.close();
    }
  });

  it('joins a namespace whose comma was left out', async () => {
    const client = await openConnection(server.port);
    await client.send('0/custom');

    assert.match(await client.next(), /^0\/custom,\{"sid":/);
    await client.greeting('/custom');
    await client.close();
  });

  it('refuses unknown namespaces and stays open', async () => {
    const client = await openConnection(server.port);
    for (const name of ['/random', '/Custom', '/custom/', '/__proto__', '//', '/\u20ac']) {
      await client.send(`0${name},`);
      assert.equal(await client.next(), `4${name},{"message":"Invalid namespace"}`);
    }
    await client.connect();
    await client.greeting();
    await client.expectAlive();
    await client.close();
  });

  it('takes a query for a part of the name', async () => {
    const client = await openConnection(server.port);
    await client.send('0/custom?x=1,');

    assert.equal(await client.next(), '4/custom?x=1,{"message":"Invalid namespace"}');
    await client.close();
  });

  it('joins several namespaces over one connection, each with an id of its own', async () => {
    const client = await connect(server.port);
    await client.connect('/custom');
    await client.greeting('/custom');
    await client.connect('/guarded', {token: 'secret'});
    await client.greeting('/guarded', {token: 'secret'});

    assert.equal(new Set(Object.values(client.sids)).size, 3);
    await client.expectAlive();
    await client.close();
  });

  it('does not join the main namespace unasked', async () => {
    const client = await openConnection(server.port);
    await client.connect('/custom');
    await client.greeting('/custom');

    await client.send('2["message","not there"]');

    await client.closed();
  });

  it('gives every socket an id of its own', async () => {
    const clients = await Promise.all(Array.from({length: 20}, () => connect(server.port)));

    assert.equal(new Set(clients.map((client) => client.sids['/'])).size, 20);
    await Promise.all(clients.map((client) => client.close()));
  });

  it('works over long-polling', async () => {
    const client = await connectPolling(server.port, {token: 'x'});
    await client.connect('/custom', {other: 1});
    await client.greeting('/custom', {other: 1});
    await client.expectAlive();
  });

  it('survives an upgrade', async () => {
    const client = await connectPolling(server.port);
    const probe = await client.engine.openProbe();
    probe.send('2probe');
    assert.equal(await probe.next(), '3probe');
    probe.send('5');
    client.engine = probe;

    await client.expectAlive();
    await client.close();
  });
});

describe('Socket.IO middleware', () => {
  const server = useServer(...calm);
  const refusal = '4/guarded,{"message":"not allowed","data":{"code":"forbidden"}}';

  const refused = [
    '', '{}', '{"token":"wrong"}', '{"token":["secret"]}', '{"Token":"secret"}',
  ];
  for (const auth of refused) {
    it(`refuses ${auth || 'nothing'} with message and data`, async () => {
      const client = await openConnection(server.port);
      await client.send(`0/guarded,${auth}`);

      const got = await client.next();
      assert.deepEqual(JSON.parse(got.slice(got.indexOf('{'))),
                       JSON.parse(refusal.slice(refusal.indexOf('{'))));
      assert.ok(got.startsWith('4/guarded,{'));
      await client.close();
    });
  }

  it('lets the right token in, at a second try too', async () => {
    const client = await openConnection(server.port);
    await client.send('0/guarded,{"token":"wrong"}');
    assert.match(await client.next(), /^4\/guarded,/);

    await client.connect('/guarded', {token: 'secret'});
    await client.close();
  });

  it('leaves a refused client outside', async () => {
    const client = await openConnection(server.port);
    await client.send('0/guarded,{"token":"wrong"}');
    assert.match(await client.next(), /^4\/guarded,/);

    await client.send('2/guarded,["message","x"]');

    await client.closed();
  });
});

describe('Socket.IO without CONNECT', () => {
  const server = useServer(...calm, '--connect-timeout-ms', '200');

  it('closes a WebSocket that joins nothing', async () => {
    const client = await openConnection(server.port);
    await client.closed();
  });

  it('closes a polling session that joins nothing', async () => {
    const session = await PollingSession.open(server.port, socketPath);
    const answer = await session.poll();
    assert.ok(answer.status === 400 || answer.text === '1', answer.text);
    assert.equal((await session.poll()).json.code, 1);
  });

  it('closes one that was only refused', async () => {
    const client = await openConnection(server.port);
    await client.send('0/random,');
    assert.match(await client.next(), /^4\/random,/);
    await client.closed();
  });

  it('leaves one alone that has joined in time, even if it left again', async () => {
    const other = await openConnection(server.port);
    const client = await connect(server.port);
    await client.leave();
    await other.closed();

    await client.connect();
    await client.greeting();
    await client.expectAlive();
    await client.close();
  });
});
