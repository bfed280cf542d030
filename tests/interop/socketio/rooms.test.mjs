import {describe, it} from 'node:test';
import {calm, useServer} from '../lib/server.mjs';
import {connect, connectPolling} from '../lib/socketio.mjs';

/** Enough sockets that several shards own some. */
async function crowd(port, size = 8) {
  return Promise.all(Array.from(
      {length: size}, (_, i) => i % 4 === 3 ? connectPolling(port) : connect(port)));
}

describe('Socket.IO rooms', () => {
  const server = useServer(...calm);

  /** Everybody named gets `events` and then the fence, nobody anything else. */
  async function expectOnly(sender, everybody, expected) {
    await sender.emit('broadcast', 'fence');
    for (const client of everybody) {
      for (const event of expected.get(client) ?? []) await client.expectEvent(...event);
      await client.expectEvent('fence');
    }
  }

  it('a broadcast reaches everybody, the sender included', async () => {
    const clients = await crowd(server.port);

    await clients[0].emit('broadcast', 'news', {a: 1}, 'two');

    for (const client of clients) await client.expectEvent('news', {a: 1}, 'two');
    await end(clients);
  });

  it('only members get what goes to a room', async () => {
    const clients = await crowd(server.port);
    const members = clients.filter((_, i) => i % 2 === 1);
    for (const member of members) await member.ask(1, 'join', 'odd');

    await clients[0].emit('to-room', 'odd', 'hello', 1);

    await expectOnly(
        clients[0], clients, new Map(members.map((member) => [member, [['hello', 1]]])));
    await end(clients);
  });

  it('a member that sends to its room is included, or not if it says so', async () => {
    const clients = await crowd(server.port);
    for (const client of clients) await client.ask(1, 'join', 'all');

    await clients[0].emit('to-room', 'all', 'with me');
    await clients[0].emit('to-room-except-me', 'all', 'without me');

    const both = [['with me'], ['without me']];
    await expectOnly(clients[0], clients, new Map(
        clients.map((client, i) => [client, i === 0 ? [['with me']] : both])));
    await end(clients);
  });

  it('who joins twice gets things once, and leaves at once', async () => {
    const clients = await crowd(server.port, 4);
    await clients[1].ask(1, 'join', 'twice');
    await clients[1].ask(2, 'join', 'twice');
    await clients[0].emit('to-room', 'twice', 'once');
    await expectOnly(clients[0], clients, new Map([[clients[1], [['once']]]]));

    await clients[1].ask(3, 'leave', 'twice');
    await clients[0].emit('to-room', 'twice', 'never');
    await expectOnly(clients[0], clients, new Map());
    await end(clients);
  });

  it('rooms do not mix, whatever their names', async () => {
    const clients = await crowd(server.port, 6);
    const names = ['a', 'a#', 'A', '', '__proto__', 'r\u00e4ume \u20ac'];
    for (const [i, name] of names.entries()) await clients[i].ask(1, 'join', name);

    for (const name of names) await clients[0].emit('to-room', name, 'in', name);

    await expectOnly(clients[0], clients, new Map(
        names.map((name, i) => [clients[i], [['in', name]]])));
    await end(clients);
  });

  it('to leave a room one is not in does no harm', async () => {
    const client = await connect(server.port);
    await client.ask(1, 'leave', 'never joined');
    await client.expectAlive();
    await client.close();
  });

  it('a room nobody is in swallows everything', async () => {
    const client = await connect(server.port);
    await client.emit('to-room', 'nobody', 'x');
    await client.expectAlive();
    await client.close();
  });

  it('every socket has a room of its own id', async () => {
    const clients = await crowd(server.port, 4);

    for (const client of clients) await clients[0].emit('to-room', client.sids['/'], 'for you');

    await expectOnly(
        clients[0], clients, new Map(clients.map((client) => [client, [['for you']]])));
    await end(clients);
  });

  it('who is kicked or gone is in no room any more', async () => {
    const clients = await crowd(server.port, 4);
    const [sender, kicked, gone, stays] = clients;
    for (const client of [kicked, gone, stays]) await client.ask(1, 'join', 'club');
    await kicked.emit('kick');
    const packet = await kicked.next();
    if (packet !== '1') throw new Error(`a DISCONNECT, not ${packet}`);
    await gone.close();
    await kicked.connect();
    await kicked.greeting();

    await sender.emit('to-room', 'club', 'members only');

    await expectOnly(
        sender, [sender, kicked, stays], new Map([[stays, [['members only']]]]));
    await end([sender, kicked, stays]);
  });

  it('binary goes to rooms too', async () => {
    const clients = await crowd(server.port);
    for (const client of clients) await client.ask(1, 'join', 'bytes');
    await clients[0].send('51-["to-room","bytes","blob",{"_placeholder":true,"num":0}]');
    await clients[0].send(Buffer.from([1, 2, 3, 255]));

    for (const client of clients) {
      const header = await client.next();
      if (header !== '51-["blob",{"_placeholder":true,"num":0}]') throw new Error(header);
      const bytes = await client.next();
      if (bytes.toString('hex') !== '010203ff') throw new Error(bytes.toString('hex'));
    }
    await end(clients);
  });

  it('one sender is heard in order by all', async () => {
    const clients = await crowd(server.port);
    for (const client of clients) await client.ask(1, 'join', 'ordered');
    for (let i = 0; i < 100; ++i) await clients[0].emit('to-room', 'ordered', 'n', i);

    await Promise.all(clients.map(async (client) => {
      for (let i = 0; i < 100; ++i) await client.expectEvent('n', i);
    }));
    await end(clients);
  });
});

async function end(clients) {
  await Promise.all(clients.map((client) => client.engine.post ?
    client.engine.send('1') : client.close()));
}
