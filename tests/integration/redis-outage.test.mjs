// Redis dies, stands still, or its line breaks: gateways keep their clients, say that they are
// degraded, and catch up; nothing that was accepted is lost.
import assert from 'node:assert/strict';
import {test} from 'node:test';

import {print, sized} from './lib/figures.mjs';
import {Proxy} from './lib/proxy.mjs';
import {durable, RedisServer} from './lib/redis.mjs';
import {degraded, Scene, standalone, well} from './lib/scene.mjs';

const size = {clients: sized(300, 2000), notifications: sized(3000, 20_000)};
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** `disturb` does it while publishers are at work, and mends it again. */
async function during(name, disturb) {
  const server = await RedisServer.start(durable);
  const proxies = await Promise.all([0, 1, 2].map(() => Proxy.to(server.port)));
  const scene = await Scene.open({redis: standalone(server), ...size, rate: sized(1500, 2000),
    gatewayUrl: (i) => `redis://127.0.0.1:${proxies[i].port}`});
  const published = scene.publish();
  await scene.published(size.notifications / 3);
  const began = Date.now();
  await disturb({server, proxies, scene});
  for (const gateway of scene.fleet.gateways) await well(gateway);
  const seconds = (Date.now() - began) / 1000;
  await published;
  const report = await scene.close();
  // Nobody had to come back: the gateways kept their clients.
  assert.deepEqual(report.losses, {}, JSON.stringify(report));
  print(name, {...size, away_s: seconds, uncertain: scene.book.uncertain, ...report});
  await Promise.all(proxies.map((proxy) => proxy.close()));
  await server.stop();
}

const uncertainChannel = (scene, uncertain) => {
  for (const way of scene.ways) if ('uncertain' in way) way.uncertain = uncertain;
};

test('Redis is killed and started again', () => during('redis-kill', async ({server, scene}) => {
  // What Redis still had to hand to its listeners when it died was heard by nobody; what one gateway
  // had heard and not stored may follow what another hears first when Redis is back.
  uncertainChannel(scene, true);
  scene.book.mayReorder = (tracker) => scene.wayOf(tracker) === 'channel';
  await server.kill();
  for (const gateway of scene.fleet.gateways) await degraded(gateway);
  await server.restart();
  for (const gateway of scene.fleet.gateways) await well(gateway);
  uncertainChannel(scene, false);
}));

test('Redis stands still for ten seconds', () => during('redis-pause', async ({server, scene}) => {
  uncertainChannel(scene, true);
  server.pause();
  const end = Date.now() + 10_000;
  for (const gateway of scene.fleet.gateways) await degraded(gateway);
  await pause(end - Date.now());
  server.resume();
  for (const gateway of scene.fleet.gateways) await well(gateway);
  uncertainChannel(scene, false);
}));

test('the line of one gateway is cut', () => during('redis-cut', async ({proxies, scene}) => {
  scene.fleet.leaveOut(1);
  proxies[1].cut();
  await degraded(scene.fleet.gateways[1]);
  await scene.published(size.notifications / 2);
  proxies[1].mend();
  await well(scene.fleet.gateways[1]);
  scene.fleet.takeIn(1);
}));

test('the line of one gateway goes silent', () => during('redis-mute', async ({proxies, scene}) => {
  scene.fleet.leaveOut(2);
  proxies[2].mute();
  await degraded(scene.fleet.gateways[2]);
  proxies[2].mend();
  await well(scene.fleet.gateways[2]);
  scene.fleet.takeIn(2);
}));
