// Three gateways on one Redis: each client gets each notification exactly once, per tracker in
// order, whichever way it was published and however often gateways die.
import assert from 'node:assert/strict';
import {test} from 'node:test';

import {print, sized, unlessSmall} from './lib/figures.mjs';
import {RedisServer} from './lib/redis.mjs';
import {Scene, standalone} from './lib/scene.mjs';

test('the clients of three gateways get each notification once', async () => {
  const size = {clients: unlessSmall(200, 2000), notifications: unlessSmall(2000, 20_000)};
  const server = await RedisServer.start();
  const scene = await Scene.open({redis: standalone(server), ...size});
  const began = Date.now();
  await scene.publish();
  const report = await scene.close();
  print('redis-exact', {...size, seconds: (Date.now() - began) / 1000, ...report});
  assert.equal(report.resumed, 0, JSON.stringify(report));
  await server.stop();
});

test('the same while gateways are killed and come back', async () => {
  const size = {clients: sized(400, 2000), notifications: sized(4000, 20_000)};
  const kills = sized(4, 8);
  const server = await RedisServer.start();
  const scene = await Scene.open({redis: standalone(server), ...size, rate: 1000});
  const began = Date.now();
  const published = scene.publish();
  for (let kill = 0; kill < kills; ++kill) {
    await scene.published(((kill + 1) * size.notifications) / (kills + 1));
    await scene.fleet.kill(kill % 3);
    // Its clients have gone elsewhere before it is back, or it takes part in taking them in.
    if (kill % 2) await scene.clients.joined();
    await scene.fleet.restart(kill % 3);
    await scene.clients.joined();
  }
  await published;
  const report = await scene.close();
  print('redis-kill-gateway', {...size, kills, seconds: (Date.now() - began) / 1000, ...report});
  assert.ok(report.resumed > (kills * size.clients) / 4, JSON.stringify(report));
  assert.equal(report.expired, 0);
  await server.stop();
});
