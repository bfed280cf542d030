// A notification for one socket reaches it from anywhere, and nobody else.
import assert from 'node:assert/strict';
import {test} from 'node:test';

import {Client} from './lib/client.mjs';
import {Fleet} from './lib/fleet.mjs';
import {RedisServer} from './lib/redis.mjs';

test('socket_id reaches a client on any gateway from any process', async () => {
  const server = await RedisServer.start();
  const fleet = await Fleet.start(3, server.url, ['--set', 'visibility.public_events=everybody']);
  const clients = [];
  for (const gateway of [...fleet.gateways, ...fleet.gateways]) {
    clients.push(await Client.connect(gateway.url));
  }
  const ways = {
    channel: (json) => server.ask('PUBLISH', 'socket:notifications', json),
    inbox: (json) => server.ask('XADD', 'socket:notification:inbox', '*', 'envelope', json),
  };
  fleet.gateways.forEach((gateway, i) => {
    ways[`POST to gateway ${i}`] = async (json) => {
      const {status} = await gateway.post(json);
      assert.equal(status, 202);
    };
  });
  const expected = clients.map(() => []);
  for (const [name, send] of Object.entries(ways)) {
    for (const [i, client] of clients.entries()) {
      const notification = {n: `${name} for client ${i}`};
      expected[i].push(notification.n);
      await send(JSON.stringify(
        {message_type: 'personal', socket_id: client.socket.id, notification}));
    }
  }
  // Somebody who is not there costs nothing.
  await ways.channel(JSON.stringify(
    {message_type: 'personal', socket_id: 'nobody', notification: {n: 'for nobody'}}));
  for (const [i, client] of clients.entries()) {
    for (const n of expected[i]) await client.reach('personal', n);
  }
  await fleet.gateways[1].say('everybody', 1);
  for (const [i, client] of clients.entries()) {
    await client.reach('everybody', 1);
    assert.deepEqual([...client.numbers('personal')].sort(), [...expected[i]].sort(), `client ${i}`);
    client.close();
  }
  await fleet.stop();
  await server.stop();
});

test('a socket keeps its address when its client moves to another gateway', async () => {
  const server = await RedisServer.start();
  const fleet = await Fleet.start(2, server.url);
  const client = await Client.connect(fleet.gateways[0].url, {reconnection: false});
  const {id, _pid: pid, _lastOffset: offset} = client.socket;
  await fleet.kill(0);
  const personal = (n) => server.ask('PUBLISH', 'socket:notifications',
    JSON.stringify({message_type: 'personal', socket_id: id, notification: {n}}));
  assert.ok(await personal(1) > 0);
  const moved = await Client.connect(fleet.gateways[1].url, {auth: {pid, offset}});
  assert.equal(moved.socket.id, id);
  await personal(2);
  await moved.reach('personal', 2);
  assert.deepEqual(moved.numbers('personal'), [1, 2]);
  moved.close();
  client.close();
  await fleet.stop();
  await server.stop();
});
