// A rolling upgrade: one gateway after the other is drained and replaced under load.
import assert from 'node:assert/strict';
import {once} from 'node:events';
import net from 'node:net';
import {test} from 'node:test';

import {print, sized} from './lib/figures.mjs';
import {RedisServer} from './lib/redis.mjs';
import {Scene, standalone} from './lib/scene.mjs';
import {eventually} from './lib/wait.mjs';

const size = {clients: sized(400, 2000), notifications: sized(4000, 20_000)};

/** Whether a gateway answers that it is ready, over a new connection; nothing when it refuses. */
async function readyAnew(gateway) {
  const socket = net.connect(gateway.port, '127.0.0.1');
  socket.on('error', () => {});
  try {
    await once(socket, 'connect');
    socket.write('GET /readyz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    const [chunk] = await once(socket, 'data');
    return chunk.toString().startsWith('HTTP/1.1 200');
  } catch {
    return undefined;
  } finally {
    socket.destroy();
  }
}

test('three gateways are replaced in turn, and nothing is lost or doubled', async () => {
  const server = await RedisServer.start();
  const scene = await Scene.open({redis: standalone(server), ...size, rate: 1500,
    more: ['--set', 'drain.per_second=400', '--set', 'drain.notice_ms=2000']});
  const {fleet, clients} = scene;
  const published = scene.publish();
  const drains = [];
  for (const [i, gateway] of fleet.gateways.entries()) {
    await scene.published(((i + 1) * size.notifications) / 4);
    assert.equal(await readyAnew(gateway), true);
    const began = Date.now();
    fleet.leaveOut(i);
    gateway.signal('SIGTERM');
    // Readiness goes first: who asks hears it, while everybody still has their connection.
    await eventually(async () => await readyAnew(gateway) === false, 'readiness to go off');
    assert.equal(clients.progress.joined, size.clients);
    assert.equal(await gateway.ended(), 0, gateway.log);
    drains.push(Date.now() - began);
    await fleet.restart(i);
    await clients.joined();
  }
  await published;
  const report = await scene.close();
  print('redis-rolling', {...size, drains_ms: drains, ...report});
  assert.ok(report.resumed >= size.clients, JSON.stringify(report));
  assert.equal(report.expired, 0);
  await server.stop();
});
