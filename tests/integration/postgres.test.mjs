// The program on PostgreSQL, as whoever runs it sees it.
import assert from 'node:assert/strict';
import {readdir, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {after, before, test} from 'node:test';

import {Client} from './lib/client.mjs';
import {FetcherProcess} from './lib/fetcher.mjs';
import {Gateway, run, temporaryDirectory} from './lib/gateway.mjs';
import {PostgresServer} from './lib/postgres.mjs';
import {RedisServer} from './lib/redis.mjs';
import {addUser} from './lib/users.mjs';
import {eventually} from './lib/wait.mjs';

const event = 'tracker_location_updated';

let server;
before(async () => (server = await PostgresServer.start()));
after(() => server.stop());

/** The URL of an empty database with a password in it, which nothing may show. */
async function database() {
  const url = await server.createDatabase();
  return {url: url.replace('trackwire@', 'trackwire:hunter2@'), name: /\/(test_\d+)/.exec(url)[1]};
}
const count = async (name, table) =>
  Number((await server.query(`SELECT count(*) FROM ${table}`, name))[0][0]);

test('the demonstration runs on PostgreSQL and goes on after a restart', async () => {
  const {url, name} = await database();
  const gateway = await Gateway.start(['--demo', '--threads', '1', '--set', 'auth.login=on'],
    {TRACKWIRE_DATABASE_URL: url});
  assert.match(gateway.output, new RegExp(`store {5}PostgreSQL ${server.directory}/${name}\n`));
  const snapshot = () => gateway.get('/api/trackers').then(({body}) => body);
  await eventually(async () => {
    const {trackers} = await snapshot();
    return trackers.length === 3_450 && trackers.filter((t) => t.position).length > 3_000;
  }, 'a map full of ships', 60_000);
  assert.equal(await count(name, 'trackers'), 3_450);
  await eventually(async () => await count(name, 'latest_positions') > 3_000, 'stored positions');
  assert.ok(await count(name, 'positions') >= await count(name, 'latest_positions'));
  const files = await readdir(gateway.directory);
  assert.ok(files.includes('trackwire-journal.db'), `${files}`);
  assert.ok(!files.includes('trackwire.db'), `${files}`);
  await gateway.kill();
  await gateway.restart();
  assert.equal((await snapshot()).trackers.length, 3_450, 'at once, from the store');
  const client = await Client.connect(gateway.url);
  await client.event(event, 50);
  assert.equal((await gateway.get('/readyz')).body.ready, true);

  // Connections that are cut are made again, and nothing is lost meanwhile.
  await server.disconnectAll(name);
  const before = await count(name, 'positions');
  await eventually(async () => await count(name, 'positions') > before + 50, 'more positions');
  client.close();
  await gateway.stop();
  assert.doesNotMatch(gateway.output + gateway.log, /hunter2/);
});

test('migrate tells and makes the steps, and no program takes a later schema', async () => {
  const cwd = await temporaryDirectory();
  const {url, name} = await database();
  const env = {TRACKWIRE_DATABASE_URL: url};
  const migrate = (args = []) => run(['migrate', ...args], {cwd, env});
  const first = await migrate(['--check']);
  assert.equal(first.code, 1, first.stderr);
  assert.match(first.stdout, /no schema yet/);
  assert.match(first.stdout, /step 1: /);
  assert.deepEqual(await server.query(
    'SELECT 1 FROM pg_tables WHERE schemaname = \'public\'', name), []);
  const made = await migrate();
  assert.equal(made.code, 0, made.stderr);
  assert.match(made.stdout, /step 1: .* done in \d/);
  const then = await migrate(['--check']);
  assert.equal(then.code, 0);
  assert.match(then.stdout, /up to date/);

  await server.query('UPDATE schema_versions SET version = 99', name);
  for (const args of [['migrate'], ['migrate', '--check'], ['serve', '--listen', '127.0.0.1:0'],
    ['user', 'list']]) {
    const {code, stdout, stderr} = await run(args, {cwd, env});
    assert.equal(code, 1, args.join(' '));
    assert.match(stderr, /version 99, this program knows \d/);
    assert.doesNotMatch(stdout + stderr, /hunter2/);
  }
  const nowhere = await run(['migrate', '--check'],
    {cwd, env: {TRACKWIRE_DATABASE_URL: 'postgresql://a:hunter2@/x?host=/no/such/place'}});
  assert.equal(nowhere.code, 1);
  assert.match(nowhere.stderr, /^trackwire: postgresql:\/\/\/no\/such\/place\/x: /);
  assert.doesNotMatch(nowhere.stderr, /hunter2/);
  const shown = await run(['check-config'], {cwd, env});
  assert.match(shown.stdout, new RegExp(`postgresql://${server.directory}/${name}`));
  assert.doesNotMatch(shown.stdout, /hunter2/);
  assert.equal((await run(['migrate'], {cwd, env: {TRACKWIRE_DATABASE_URL: 'nonsense'}})).code, 2);
});

test('migrate brings a file of SQLite up to date as well', async () => {
  const cwd = await temporaryDirectory();
  const check = await run(['migrate', '--check'], {cwd});
  assert.equal(check.code, 1);
  assert.deepEqual(await readdir(cwd), [], 'looking makes no file');
  assert.equal((await run(['migrate'], {cwd})).code, 0);
  assert.equal((await run(['migrate', '--check'], {cwd})).code, 0);
});

test('two gateways and a fetcher share Redis and PostgreSQL', async () => {
  const redis = await RedisServer.start();
  const {url, name} = await database();
  const settings = {'database.url': url};
  const set = Object.entries(settings).flatMap(([key, value]) => ['--set', `${key}=${value}`]);
  const start = () => Gateway.start(['--redis', redis.url, '--threads', '1', '--set',
    'auth.login=on', ...set]);
  const gateways = [await start(), await start()];
  const recording = join(gateways[0].directory, 'buses.csv');
  const rows = ['id,time,lat,lon'];
  for (let i = 0; i < 2_000; ++i) rows.push(`bus-${i % 5},${1_700_000_000 + i},${50 + i / 1e5},8`);
  await writeFile(recording, rows.join('\n'));
  const clients = [];
  for (const gateway of gateways) clients.push(await Client.connect(gateway.url));
  const fetcher = await FetcherProcess.start(redis.url, {
    ...settings,
    'replay.file': recording,
    'replay.columns': 'id=id,time=time,latitude=lat,longitude=lon,time_format=seconds',
    'replay.speed': 50,
    'replay.public': true,
  });
  for (const client of clients) await client.event(event, 100);
  for (const gateway of gateways) {
    await eventually(async () => (await gateway.get('/api/trackers')).body.trackers.length === 5,
      'the fleet on each map');
  }
  await eventually(async () => await count(name, 'positions') > 100, 'a history');

  // Users too: added beside one gateway, they may sign in at each.
  await addUser(gateways[0], 'ada', 'correct horse battery staple', set);
  for (const gateway of gateways) {
    await eventually(async () => {
      const answer = await fetch(`${gateway.url}/api/login`, {
        method: 'POST',
        headers: {'content-type': 'application/json'},
        body: JSON.stringify({user: 'ada', password: 'correct horse battery staple'}),
      });
      return answer.status === 200;
    }, 'the new user to be let in');
  }
  assert.doesNotMatch(fetcher.log + gateways.map((g) => g.log + g.output).join(''), /hunter2/);
  clients.forEach((client) => client.close());
  await fetcher.stop();
  for (const gateway of gateways) await gateway.stop();
  await redis.stop();
});
