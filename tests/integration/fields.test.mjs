// Which fields of a notification and of a snapshot who gets, from the running program.

import assert from 'node:assert/strict';
import {rm} from 'node:fs/promises';
import {after, before, test} from 'node:test';

import {Client} from './lib/client.mjs';
import {Gateway, run, temporaryDirectory} from './lib/gateway.mjs';
import {Proxy} from './lib/proxy.mjs';
import {admin, token} from './lib/token.mjs';
import {eventually} from './lib/wait.mjs';

const hiddenFrom = [
  'anonymous=battery_level', 'anonymous=driver', 'anonymous=note',
  'user=driver', 'dispatcher=battery_level', 'dispatcher=note',
];

let gateway;
let proxy;
before(async () => {
  gateway = await Gateway.start(['--threads', '2'], {
    TRACKWIRE_VISIBILITY_UNKNOWN_TRACKERS: 'public',
    TRACKWIRE_VISIBILITY_PUBLIC_EVENTS: 'news',
    TRACKWIRE_VISIBILITY_HIDDEN_FIELDS: '+vin',
    TRACKWIRE_VISIBILITY_HIDDEN_FROM: hiddenFrom.join(','),
  });
  proxy = await Proxy.to(gateway.port);
});
after(async () => {
  await proxy.close();
  await gateway.stop();
});

const people = {
  anonymous: {sees: ['speed']},
  user: {token: token({sub: 'u', role: 'user'}), sees: ['battery_level', 'note', 'speed']},
  roleless: {token: token({sub: 'n'}), sees: ['battery_level', 'note', 'speed']},
  dispatcher: {token: token({sub: 'd', roles: ['dispatcher']}), sees: ['driver', 'speed']},
  both: {token: token({sub: 'b', roles: ['dispatcher', 'user']}),
    sees: ['battery_level', 'driver', 'note', 'speed']},
  admin: {token: admin(), sees: ['battery_level', 'driver', 'note', 'speed']},
};

let time = Date.now() - 3_600_000;
/** A position as a publisher would write it, with what is sensitive in many spellings. */
function position(n) {
  const fix = new Date(time += 1000).toISOString();
  return `{"message_type":"tracker_location_updated","notification":{"tracker_id":"van","n":${n},` +
    `"latitude":1.50,"longitude":2,"fix_time":"${fix}","IMEI":"490154203237518",` +
    '"speed":1E1,"\\u0064river":"Ann","attributes":{"imei":1,"batteryLevel":7,"list":[{"vin":1},' +
    '{"driver":{"name":"Ann"},"note":"x"}],"ph\\u006fne":2},"driver":"Bob","battery_level":80,' +
    '"note":"\\u00fc","Api-Key":"k","vin":"W1"}}';
}

function names(value) {
  if (Array.isArray(value)) return value.flatMap(names);
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([name, inner]) => [name, ...names(inner)]);
}

/** Those of the names that some people get and some do not, at any depth. */
function sensitive(value) {
  const known = {batteryLevel: 'battery_level'};
  const plain = ['tracker_id', 'n', 'latitude', 'longitude', 'fix_time', 'attributes', 'list', 'name'];
  const found = names(value).filter((name) => !plain.includes(name));
  return [...new Set(found.map((name) => known[name] ?? name))].sort();
}

for (const [who, {token, sees}] of Object.entries(people)) {
  test(`live, after a return and in the snapshot: ${who}`, async () => {
    const client = await Client.connect(proxy.url, {token});
    await gateway.post(position(1));
    await client.reach('tracker_location_updated', 1);
    proxy.cut();
    await eventually(() => client.disconnects.length === 1, 'the cut to be seen');
    await gateway.post(position(2));
    proxy.mend();
    await client.event('session', 2);
    assert.equal(client.socket.recovered, true);
    await gateway.post(position(3));
    await client.reach('tracker_location_updated', 3);
    assert.deepEqual(client.numbers('tracker_location_updated'), [1, 2, 3]);
    for (const payload of client.of('tracker_location_updated')) {
      assert.deepEqual(sensitive(payload), sees);
      assert.equal(payload.speed, 10);
    }
    client.close();

    const headers = token ? {authorization: `Bearer ${token}`} : {};
    const {body} = await gateway.get('/api/trackers', headers);
    assert.equal(body.trackers.length, 1);
    assert.deepEqual(sensitive(body.trackers[0].position), sees);
    assert.equal(body.trackers[0].position.n, 3);
  });
}

test('snapshots of different people are kept apart while they are shared', async () => {
  await gateway.post(position(4));
  const ask = ({token}) => gateway.get('/api/trackers',
    token ? {authorization: `Bearer ${token}`} : {});
  for (let round = 0; round < 3; ++round) {
    for (const person of Object.values(people)) {
      const {body} = await ask(person);
      assert.deepEqual(sensitive(body.trackers[0].position), person.sees);
    }
  }
});

test('what nobody gets does not stand in the log or in the measurements', async () => {
  const client = await Client.connect(gateway.url, {token: admin()});
  await gateway.post('{"message_type":"news","notification":{"imei":"490154203237518"},"id":{}}');
  await gateway.post('{"message_type":"news","notification":{"imei":"490154203237518"');
  await gateway.post({message_type: 'news', notification: {n: 1, imei: '490154203237518'}});
  await client.reach('news', 1);
  client.close();
  const metrics = await gateway.get('/metrics');
  for (const text of [gateway.log, gateway.output, metrics.body]) {
    assert.doesNotMatch(text, /490154203237518/);
  }
});

test('in the place of another server only secrets are taken away', async () => {
  const own = await Gateway.start(['--drop-in']);
  try {
    const client = await Client.connect(own.url);
    await own.post(position(1));
    await client.reach('tracker_location_updated', 1);
    assert.deepEqual(sensitive(client.of('tracker_location_updated')[0]),
      ['battery_level', 'driver', 'note', 'speed', 'vin']);
    client.close();
  } finally {
    await own.stop();
  }
});

test('by default visitors get neither batteries, drivers nor sources', async () => {
  const own = await Gateway.start(['--set', 'visibility.unknown_trackers=public']);
  try {
    const visitor = await Client.connect(own.url);
    const member = await Client.connect(own.url, {token: people.user.token});
    await own.post(position(1));
    for (const client of [visitor, member]) await client.reach('tracker_location_updated', 1);
    const [open] = visitor.of('tracker_location_updated');
    const [whole] = member.of('tracker_location_updated');
    assert.deepEqual(sensitive(open), ['note', 'speed']);
    assert.deepEqual(sensitive(whole), ['battery_level', 'driver', 'note', 'speed', 'vin']);
    for (const client of [visitor, member]) client.close();
  } finally {
    await own.stop();
  }
});

test('mistakes name the key and end with code 2', async () => {
  const cwd = await temporaryDirectory();
  const many = [];
  for (let role = 0; role < 7; ++role) {
    for (let field = 0; field < 7; ++field) if (role !== field) many.push(`r${role}=f${field}`);
  }
  const cases = [
    ['visibility.hidden_fields', '_', /"_" is no name of a field/],
    ['visibility.hidden_fields', 'x'.repeat(65), /is no name of a field/],
    ['visibility.hidden_fields', '+vin,imei', /begins some items with \+/],
    ['visibility.hidden_from', 'driver', /"driver" is not of the form role=field/],
    ['visibility.hidden_from', '=driver', /names no role/],
    ['visibility.hidden_from', 'user=', /is no name of a field/],
    ['visibility.hidden_from', many.join(','), /more than 64 different ways/],
  ];
  try {
    for (const command of ['check-config', 'serve']) {
      for (const [key, value, message] of cases) {
        const out = await run([command, '--set', `${key}=${value}`], {cwd});
        assert.equal(out.code, 2, value);
        assert.ok(out.stderr.includes(`${key}: `), out.stderr);
        assert.match(out.stderr, message);
      }
    }
    const fine = await run(['check-config', '--set', 'visibility.hidden_fields=+vin'], {cwd});
    assert.equal(fine.code, 0, fine.stderr);
    assert.match(fine.stdout, /^visibility\.hidden_fields = \+vin {2}\[--set\]$/m);
  } finally {
    await rm(cwd, {recursive: true});
  }
});
