// What a newcomer sees: thousands of ships, and they move.
import assert from 'node:assert/strict';
import {readFile, rm, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {test} from 'node:test';

import {Client} from './lib/client.mjs';
import {Gateway, run, temporaryDirectory} from './lib/gateway.mjs';
import {admin} from './lib/token.mjs';
import {eventually} from './lib/wait.mjs';

test('the demonstration fills the map and keeps it moving, also after a restart', async () => {
  const gateway = await Gateway.start(['--demo']);
  const snapshot = () => gateway.get('/api/trackers').then(({body}) => body);
  await eventually(async () => {
    const {trackers} = await snapshot();
    return trackers.length === 3_450 && trackers.filter((t) => t.position).length > 3_000;
  }, 'a map full of ships');
  const client = await Client.connect(gateway.url);
  // First what was recorded before "now", then ships as they move.
  const fresh = () => client.of('tracker_location_updated')
    .filter((position) => Math.abs(new Date(position.fix_time) - Date.now()) < 60_000);
  await eventually(() => fresh().length >= 50, 'ships that move now');
  assert.equal(typeof fresh()[0].latitude, 'number');
  await gateway.kill();
  await gateway.restart();
  const seen = client.of('tracker_location_updated').length;
  await client.event('tracker_location_updated', seen + 50);
  assert.equal((await snapshot()).trackers.length, 3_450);
  assert.equal((await gateway.get('/readyz')).body.ready, true);
  client.close();
  await gateway.stop();
});

test('rows of a recording that are no good are skipped and counted', async () => {
  const directory = await temporaryDirectory();
  const file = join(directory, 'bus.csv');
  const rows = ['id,time,lat,lon', 'bus,1700000000,50,8', 'bus,soon,50,8', 'bus,1700000001,99,8'];
  await writeFile(file, rows.join('\n'));
  const gateway = await Gateway.start([], {
    TRACKWIRE_REPLAY_FILE: file,
    TRACKWIRE_REPLAY_COLUMNS: 'id=id,time=time,latitude=lat,longitude=lon,time_format=seconds',
  });
  const counted = async () =>
    (await gateway.metrics())['trackwire_bad_input_total{layer="recording"}'];
  await eventually(async () => await counted() === 2, 'two bad rows');
  await gateway.stop();
  await rm(directory, {recursive: true});
});

test('replay publishes a file of one\'s own', async () => {
  const directory = await temporaryDirectory();
  const rows = ['id,time,lat,lon'];
  for (let i = 0; i < 20; ++i) rows.push(`bus,${1_700_000_000 + i},${50 + i / 1000},8`);
  await writeFile(join(directory, 'bus.csv'), rows.join('\n'));
  const gateway = await Gateway.start();
  const client = await Client.connect(gateway.url, {token: admin()});
  const columns = ['id=id', 'time=time', 'latitude=lat', 'longitude=lon', 'time_format=seconds'];
  const out = await run(['replay', '--file', 'bus.csv', '--url', gateway.url, '--token', admin(),
    '--speed', '20', ...columns.flatMap((column) => ['--column', column])], {cwd: directory});
  assert.equal(out.code, 0, out.stderr);
  assert.match(out.stderr, /20 positions published/);
  await client.event('tracker_location_updated', 20);
  assert.deepEqual(client.of('tracker_location_updated').map((p) => p.latitude),
    Array.from({length: 20}, (_, i) => 50 + i / 1000));
  assert.ok((await readFile(join(directory, 'bus.csv'))).length > 0);
  client.close();
  await gateway.stop();
});
