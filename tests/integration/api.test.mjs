import assert from 'node:assert/strict';
import {mkdir, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {after, before, test} from 'node:test';
import {gunzipSync, gzipSync} from 'node:zlib';

import {Client} from './lib/client.mjs';
import {Gateway, temporaryDirectory} from './lib/gateway.mjs';
import {admin} from './lib/token.mjs';
import {eventually} from './lib/wait.mjs';

let gateway;
let page;
before(async () => {
  page = await temporaryDirectory();
  await mkdir(join(page, 'assets'));
  await writeFile(join(page, 'index.html'), '<!doctype html><title>map</title>');
  await writeFile(join(page, 'assets/app-1a2b.js'), 'export const n = 1;'.repeat(100));
  await writeFile(join(page, 'assets/app-1a2b.js.gz'),
    gzipSync('export const n = 1;'.repeat(100)));
  await writeFile(join(page, 'ships.csv'), csv());
  gateway = await Gateway.start([], {
    TRACKWIRE_WEB_ROOT: page,
    TRACKWIRE_REPLAY_FILE: join(page, 'ships.csv'),
    TRACKWIRE_REPLAY_COLUMNS:
      'id=mmsi,time=t,latitude=lat,longitude=lon,speed=v,name=name,speed_unit=mps',
    TRACKWIRE_REPLAY_PUBLIC: 'true',
    TRACKWIRE_CORS_ORIGINS: 'https://map.example.org',
  });
});
after(() => gateway.stop());

/** Three ships, a position each second, and a few rows that are wrong. */
function csv() {
  const rows = ['mmsi,t,lat,lon,v,name', 'bad row', '1,yesterday,0,0,0,x', '1,2024-01-01,95,0,0,x'];
  for (let second = 0; second < 30; ++second) {
    for (const id of ['1', '2', '3']) {
      const time = new Date(Date.UTC(2024, 0, 1, 0, 0, second)).toISOString();
      rows.push(`${id},${time},${(1 + second / 1000).toFixed(4)},2.5,5,Ship ${id}`);
    }
  }
  return rows.join('\n');
}

test('a snapshot and the events after it make one picture', async () => {
  const client = await Client.connect(gateway.url);
  await client.event('tracker_location_updated', 2);
  const {body} = await gateway.get('/api/trackers');
  assert.equal(body.trackers.length, 3);
  assert.match(body.offset, /^\S+\.\d+-\d+$/);
  assert.ok(Math.abs(new Date(body.server_time) - Date.now()) < 60_000);
  const ship = body.trackers.find((tracker) => tracker.id === '1');
  assert.equal(ship.name, 'Ship 1');
  assert.ok(ship.position.latitude >= 1);
  assert.equal(JSON.stringify(body).includes('external_id'), false);
  await client.event('tracker_location_updated', 6);
  const seen = new Set(client.of('tracker_location_updated').map((p) => p.tracker_id));
  assert.deepEqual([...seen].sort(), ['1', '2', '3']);
  client.close();
});

test('a snapshot is packed for whoever accepts that', async () => {
  const response = await fetch(`${gateway.url}/api/trackers`,
    {headers: {'accept-encoding': 'gzip'}});
  assert.equal(response.headers.get('content-encoding'), 'gzip');
  assert.equal((await response.json()).trackers.length, 3);
  const plain = await fetch(`${gateway.url}/api/trackers`,
    {headers: {'accept-encoding': 'gzip;q=0'}});
  assert.equal(plain.headers.get('content-encoding'), null);
});

test('the page is served with what keeps it safe and fast', async () => {
  const index = await gateway.get('/');
  assert.equal(index.status, 200);
  assert.match(index.headers.get('content-type'), /^text\/html/);
  assert.match(index.headers.get('content-security-policy'), /^default-src 'none'; script-src 'self'/);
  assert.equal(index.headers.get('x-content-type-options'), 'nosniff');
  assert.equal(index.headers.get('cache-control'), 'no-cache');
  const again = await gateway.get('/', {'if-none-match': index.headers.get('etag')});
  assert.equal(again.status, 304);

  const asset = await gateway.get('/assets/app-1a2b.js', {'accept-encoding': 'gzip'});
  assert.match(asset.headers.get('cache-control'), /immutable/);
  assert.match(asset.headers.get('content-type'), /^text\/javascript/);
  assert.equal(asset.headers.get('content-encoding'), 'gzip');
  assert.ok(asset.body.startsWith('export const n'));

  for (const path of ['/nothing', '/assets/', '/assets/../index.html%00', '/%2e%2e/etc/passwd']) {
    const missing = await gateway.get(path);
    assert.ok(missing.status === 404 || missing.status === 400, path);
  }
  assert.equal((await fetch(`${gateway.url}/`, {method: 'POST'})).status, 405);
});

test('without the files of the page a small page says so', async () => {
  const bare = await Gateway.start([], {TRACKWIRE_WEB_ROOT: join(page, 'none')});
  const index = await bare.get('/');
  assert.equal(index.status, 200);
  assert.match(index.body, /not installed/);
  const {body} = await bare.get('/readyz');
  assert.deepEqual(body, {ready: true, degraded: ['the web page is not installed']});
  await bare.stop();
});

test('health and readiness', async () => {
  assert.deepEqual((await gateway.get('/healthz')).body, {status: 'ok'});
  const ready = await gateway.get('/readyz');
  assert.equal(ready.status, 200);
  assert.deepEqual(ready.body, {ready: true, degraded: []});
});

test('pages of other sites are let in by the list', async () => {
  const good = {origin: 'https://map.example.org'};
  const bad = {origin: 'https://evil.example.org'};
  const listed = await gateway.get('/api/trackers', good);
  assert.equal(listed.headers.get('access-control-allow-origin'), good.origin);
  assert.equal(listed.headers.get('access-control-allow-credentials'), 'true');
  const other = await gateway.get('/api/trackers', bad);
  assert.equal(other.headers.get('access-control-allow-origin'), null);
  const preflight = await fetch(`${gateway.url}/api/notifications`,
    {method: 'OPTIONS', headers: {...good, 'access-control-request-method': 'POST'}});
  assert.equal(preflight.status, 204);
  assert.match(preflight.headers.get('access-control-allow-headers'), /Authorization/);

  for (const transports of [['websocket'], ['polling']]) {
    const refused = new Client(gateway.url,
      {transports, extraHeaders: bad, reconnection: false});
    await refused.refusal();
    refused.close();
    const own = await Client.connect(gateway.url, {transports, extraHeaders: {origin: gateway.url}});
    own.close();
    const friend = await Client.connect(gateway.url, {transports, extraHeaders: good});
    friend.close();
  }
  assert.match(gateway.log, /cors\.origins = \[.{1,3}https:\/\/evil\.example\.org/);
});

test('a star lets every page in, but never with the visitor\'s cookie', async () => {
  const own = await Gateway.start([], {TRACKWIRE_CORS_ORIGINS: '*'});
  const cookie = `access_token=${admin()}`;
  for (const transports of [['websocket'], ['polling']]) {
    const as = async (origin) => {
      const client = await Client.connect(own.url, {transports, extraHeaders: {origin, cookie}});
      const [session] = client.of('session');
      client.close();
      return session.roles;
    };
    assert.deepEqual(await as('https://evil.example.org'), []);
    assert.deepEqual(await as(own.url), ['admin']);
  }
  await own.stop();
  const closed = await Gateway.start([],
    {TRACKWIRE_CORS_ORIGINS: '*', TRACKWIRE_AUTH_REQUIRE_AUTH: 'true'});
  const status = async (origin) =>
    (await closed.get('/api/trackers', {origin, cookie})).status;
  assert.equal(await status('https://evil.example.org'), 403);
  assert.equal(await status(closed.url), 200);
  await closed.stop();
});

test('a star for the port means the scheme\'s own too', async () => {
  const own = await Gateway.start(['--drop-in']);
  for (const origin of ['http://localhost', 'http://localhost:80', 'http://localhost:3000']) {
    const answer = await own.get('/socket.io/?EIO=4&transport=polling', {origin});
    assert.equal(answer.headers.get('access-control-allow-origin'), origin);
    const client = await Client.connect(own.url, {extraHeaders: {origin}});
    client.close();
  }
  await own.stop();
});

test('the numbers of /metrics move', async () => {
  const own = await Gateway.start([], {TRACKWIRE_VISIBILITY_PUBLIC_EVENTS: 'news'});
  const before = await own.metrics();
  const socket = await Client.connect(own.url, {token: admin()});
  const polling = await Client.connect(own.url, {transports: ['polling']});
  await own.say('news', 1, 2, 3);
  await own.post({message_type: 'news'});
  await socket.reach('news', 3);
  await polling.reach('news', 3);
  const now = await own.metrics();
  const grown = (name) => now[name] - before[name];
  assert.equal(now['trackwire_connections{transport="websocket"}'], 1);
  assert.equal(now['trackwire_connections{transport="polling"}'], 1);
  assert.equal(grown('trackwire_notifications_accepted_total'), 3);
  assert.equal(grown('trackwire_notifications_published_total{source="http"}'), 3);
  assert.equal(grown('trackwire_notifications_rejected_total{source="http"}'), 1);
  assert.equal(grown('trackwire_notifications_dispatched_total'), 3);
  assert.equal(grown('trackwire_notifications_delivered_total'), 6);
  assert.equal(now['trackwire_sessions_total{kind="signed_in"}'], 1);
  assert.equal(now['trackwire_sessions_total{kind="anonymous"}'], 1);
  assert.ok(grown('trackwire_bytes_in_total') > 0);
  assert.ok(grown('trackwire_packets_out_total') > 0);
  // The websocket's three; a polling client's leave with its next request.
  await eventually(async () => (await own.metrics()).trackwire_delivery_seconds_count >= 3,
    'latencies');
  assert.equal(now['trackwire_notifications_conflated_total'], 0);
  const {body, headers} = await own.get('/metrics');
  assert.match(headers.get('content-type'), /^text\/plain; version=0\.0\.4/);
  for (const line of body.trim().split('\n')) {
    assert.match(line, /^(# (HELP|TYPE) \w+ .+|\w+(\{\w+="[^"]*"\})? -?[\d.e+-]+)$/);
  }
  socket.close();
  polling.close();
  await own.stop();
});

test('gzip of the snapshot is what the plain one says', async () => {
  const plain = await fetch(`${gateway.url}/api/trackers`, {headers: {'accept-encoding': 'x'}});
  const raw = await rawGzip(`${gateway.url}/api/trackers`);
  const ids = (text) => JSON.parse(text).trackers.map((tracker) => tracker.id);
  assert.deepEqual(ids(gunzipSync(raw)), ids(await plain.text()));
});

/** The packed bytes themselves, which fetch would undo. */
async function rawGzip(url) {
  const {get} = await import('node:http');
  return new Promise((resolve, reject) => {
    get(url, {headers: {'accept-encoding': 'gzip'}}, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () => resolve(Buffer.concat(chunks)));
    }).on('error', reject);
  });
}
