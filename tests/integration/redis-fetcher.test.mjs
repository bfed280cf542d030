// Fetchers beside Redis: one at a time is at work; when it dies in the middle, another goes on, and
// each notification is there once and whole, or not at all.
import assert from 'node:assert/strict';
import {writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {test} from 'node:test';

import {Client} from './lib/client.mjs';
import {FetcherProcess} from './lib/fetcher.mjs';
import {print, sized} from './lib/figures.mjs';
import {Fleet} from './lib/fleet.mjs';
import {durable, RedisServer} from './lib/redis.mjs';
import {eventually} from './lib/wait.mjs';

const kills = sized(3, 30);
const buses = 20;
const event = 'tracker_location_updated';

/** A second apart each, for an hour. */
async function writeRecording(file) {
  const rows = ['id,time,lat,lon'];
  for (let second = 0; second < 3600; ++second) {
    for (let bus = 0; bus < buses; ++bus) {
      rows.push(`bus-${bus},${1_700_000_000 + second},${50 + second / 10_000},${8 + bus / 100}`);
    }
  }
  await writeFile(file, rows.join('\n'));
}

async function readLog(server) {
  const resp = await server.connect();
  const entries = [];
  for (let after = '-'; ;) {
    const part = await resp.call('XRANGE', 'socket:notification:log', after, '+', 'COUNT', 500);
    if (part.length === 0) break;
    entries.push(...part.filter(([, fields]) => fields[0] !== 'epoch'));
    after = `(${part.at(-1)[0]}`;
  }
  resp.close();
  return entries.map(([, fields]) => JSON.parse(fields[1]));
}

test('fetchers are killed in the middle of publishing', async () => {
  const server = await RedisServer.start(durable);
  const fleet = await Fleet.start(2, server.url);
  const client = await Client.connect(fleet.gateways[0].url);
  const recording = join(fleet.gateways[0].directory, 'buses.csv');
  await writeRecording(recording);
  const settings = {
    'replay.file': recording,
    'replay.columns': 'id=id,time=time,latitude=lat,longitude=lon,time_format=seconds',
    'replay.speed': 20,
    'replay.public': true,
  };
  const fetchers = [
    await FetcherProcess.start(server.url, settings),
    await FetcherProcess.start(server.url, settings),
  ];
  const more = async (count) => {
    const before = client.of(event).length;
    await eventually(() => client.of(event).length >= before + count, `${count} positions`, 60_000);
  };
  await more(100);
  let away = 0;
  for (let kill = 0; kill < kills; ++kill) {
    const fetcher = fetchers[kill % 2];
    const began = Date.now();
    await fetcher.kill();
    await more(100);
    away = Math.max(away, Date.now() - began);
    fetcher.restart();
    await more(20);
  }
  for (const fetcher of fetchers) await fetcher.kill();

  await fleet.gateways[1].post({message_type: event, notification: {tracker_id: 'end'}});
  await eventually(() => client.of(event).some((position) => position.tracker_id === 'end'),
    'the end');
  const log = await readLog(server);
  const ids = log.map((envelope) => envelope.id).filter(Boolean);
  assert.equal(new Set(ids).size, ids.length, 'an id stands twice in the log');
  const positions = log.filter((envelope) => envelope.message_type === event).slice(0, -1)
    .map((envelope) => envelope.notification);
  const keys = positions.map(({tracker_id: id, fix_time: time}) => `${id} at ${time}`);
  assert.equal(new Set(keys).size, keys.length, 'a position stands twice in the log');
  for (const position of positions) {
    assert.equal(typeof position.latitude, 'number');
    assert.equal(typeof position.longitude, 'number');
  }
  const seen = client.of(event).slice(0, -1).map((p) => `${p.tracker_id} at ${p.fix_time}`);
  assert.deepEqual(seen, keys);
  print('redis-fetcher', {kills, positions: keys.length, longest_silence_ms: away});
  client.close();
  for (const fetcher of fetchers) await fetcher.stop();
  await fleet.stop();
  await server.stop();
});
