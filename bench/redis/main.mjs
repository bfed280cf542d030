// What one Redis carries: notifications a second from publishers through intake and log to the
// dispatch of every gateway, by number of gateways. Started by script/bench --redis.
import {parseArgs} from 'node:util';
import {dirname, join, resolve} from 'node:path';
import {fileURLToPath} from 'node:url';
import {cpus, release} from 'node:os';

import {Deployment} from './deployment.mjs';
import {Publisher} from './publisher.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
/** Published ahead of the slowest gateway at most, so that no buffer in Redis overflows. */
const WINDOW = 20_000;
/** Long enough for the slowest combination; a run that stands still ends with an error. */
const STALL_MS = 20_000;

const {values: given} = parseArgs({
  options: {
    gateways: {type: 'string', default: '1,2,3'},
    notifications: {type: 'string', default: '200000'},
    fsync: {type: 'string', default: 'no,everysec,always'},
  },
});

const sleep = (ms) => new Promise((wake) => setTimeout(wake, ms));

/** Publishes `count` notifications one way and waits until every gateway has dispatched them. */
async function drive(deployment, publisher, way, count) {
  const before = await deployment.dispatched();
  let published = 0;
  let least = 0;
  let moved = Date.now();
  while (least < count) {
    const room = Math.min(count, least + WINDOW) - published;
    if (room > 0) {
      await publisher.publish(way, published, room);
      published += room;
    }
    await sleep(5);
    const now = await deployment.dispatched();
    const progress = Math.min(...now.map((value, i) => value - before[i]));
    if (progress > least) moved = Date.now();
    least = progress;
    if (Date.now() - moved > STALL_MS) throw new Error(`${least} of ${count} after a long rest`);
  }
}

async function measure(gateways, fsync, way, count) {
  const deployment = await Deployment.start(join(root, 'build/release/trackwire'), gateways, fsync);
  const publisher = await Publisher.connect(deployment.socket);
  try {
    await drive(deployment, publisher, way, Math.min(count, 20_000));
    const cpu = deployment.cpu();
    const start = process.hrtime.bigint();
    await drive(deployment, publisher, way, count);
    const seconds = Number(process.hrtime.bigint() - start) / 1e9;
    const used = deployment.cpu();
    return {
      way, gateways, fsync,
      rate: count / seconds,
      redis: (used.redis - cpu.redis) * 1e6 / count,
      gateway: (used.gateways - cpu.gateways) * 1e6 / count / gateways,
    };
  } finally {
    publisher.close();
    await deployment.stop();
  }
}

const whole = (value) => Math.round(value).toLocaleString('en-US');
console.log(`${given.notifications} notifications of about 250 bytes, ${cpus().length} x ` +
  `${cpus()[0].model}, Linux ${release()}; Redis, gateways and publisher share the processors.\n`);
console.log('| way in | appendfsync | gateways | notifications/s | Redis CPU each | CPU each, a gateway |');
console.log('|---|---|---|---|---|---|');
for (const way of ['channel', 'inbox']) {
  for (const fsync of given.fsync.split(',')) {
    for (const gateways of given.gateways.split(',').map(Number)) {
      const row = await measure(gateways, fsync, way, Number(given.notifications));
      console.log(`| ${row.way} | ${row.fsync} | ${row.gateways} | ${whole(row.rate)} | ` +
        `${row.redis.toFixed(1)} us | ${row.gateway.toFixed(1)} us |`);
    }
  }
}
