// Exact delivery when Redis is a cluster, and when it is guarded by Sentinels.
import assert from 'node:assert/strict';
import {test} from 'node:test';

import {print, sized} from './lib/figures.mjs';
import {RedisCluster, RedisSentinels} from './lib/redis.mjs';
import {Scene, well} from './lib/scene.mjs';

const size = {clients: sized(200, 1000), notifications: sized(2000, 10_000)};

test('a cluster of three masters', async () => {
  const cluster = await RedisCluster.start();
  const node = await cluster.nodeOf('{tw}:');
  const scene = await Scene.open({...size, redis: {
    url: cluster.url,
    prefix: '{tw}:',
    connect: () => node.connect(),
    countsAll: false,
  }});
  const published = scene.publish();
  await scene.published(size.notifications / 2);
  await scene.fleet.kill(0);
  await scene.fleet.restart(0);
  await published;
  const report = await scene.close();
  assert.ok(report.resumed > 0);
  print('redis-cluster', {...size, ...report});
  await cluster.stop();
});

test('Sentinels put a replica in the place of a dead master', async () => {
  const trio = await RedisSentinels.start();
  const scene = await Scene.open({...size, redis: {
    url: trio.url,
    connect: async () => (await trio.master()).connect(),
  }});
  await scene.publish(0.5);
  await scene.settled();
  // A replica learns a little later than who published: promised is what it has been told.
  const resp = await (await trio.master()).connect();
  assert.equal(await resp.call('WAIT', 2, 30_000), 2);
  resp.close();
  const began = Date.now();
  await trio.failOver();
  const seconds = (Date.now() - began) / 1000;
  for (const gateway of scene.fleet.gateways) await well(gateway);
  await scene.publish(0.5);
  const report = await scene.close();
  assert.deepEqual(report.losses, {}, JSON.stringify(report));
  print('redis-sentinel', {...size, failover_s: seconds, ...report});
  await trio.stop();
});
