// A gateway that starts on a log full of notifications floods nobody with them.
import assert from 'node:assert/strict';
import {test} from 'node:test';

import {ExactClients, expectExact} from './lib/exact.mjs';
import {print, sized} from './lib/figures.mjs';
import {durable, RedisServer} from './lib/redis.mjs';
import {Scene, standalone} from './lib/scene.mjs';

const size = {clients: sized(200, 1000), notifications: sized(3000, 15_000)};

/** Expectations of clients that came when the book held `begun` contents. */
function since(book, begun) {
  return {expectations: () => book.expectations().map(([content, least, most]) =>
    (content < begun ? [content, 0, 0] : [content, least, most]))};
}

test('new clients get nothing old, returning ones what is newer than their place', async () => {
  const server = await RedisServer.start();
  const scene = await Scene.open({redis: standalone(server), gateways: 2, ...size});
  const {fleet, book, clients} = scene;
  const [, second] = fleet.gateways;
  await fleet.kill(1);
  await clients.joined();
  await scene.publish(1 / 3);
  await scene.settled();
  // Half of the clients want to go to the gateway that is down, and stay away until it is back.
  clients.usePorts([second.port]);
  clients.cut(0, size.clients / 2, 0);
  await scene.publish(1 / 3);
  const begun = book.expectations().length;
  await fleet.restart(1);
  await clients.joined();
  const fresh = await ExactClients.start({ports: [second.port], clients: size.clients,
    contents: book.contents, trackers: book.trackers});
  await scene.publish(1 / 3);
  await scene.settled();
  const report = await scene.expectExact();
  const lasts = [book.expectations().length - 1];
  const freshReport = await expectExact(fresh, since(book, begun), lasts);
  assert.equal(report.resumed, report.losses['cut by the test'] +
    (report.losses['the server closed the connection'] ?? 0), JSON.stringify(report));
  assert.ok(freshReport.entries < report.entries / 2, JSON.stringify(freshReport));
  print('redis-backlog', {...size, old: begun, ...report, fresh: freshReport});
  await fresh.stop();
  await scene.end();
  await server.stop();
});

test('what came to the inbox while no gateway lived is delivered', async () => {
  const server = await RedisServer.start(durable);
  const scene = await Scene.open(
    {redis: standalone(server), gateways: 2, clients: 50, notifications: 600, ways: ['inbox']});
  await scene.publish(0.5);
  await scene.settled();
  await scene.fleet.kill(0);
  await scene.fleet.kill(1);
  await scene.publish(0.5);
  assert.equal(scene.book.uncertain, 0);
  await scene.fleet.restart(0);
  await scene.fleet.restart(1);
  await scene.clients.joined();
  const report = await scene.close();
  print('redis-inbox', report);
  await server.stop();
});
