// Choosing what to hear of, and changes of who may, as the official client sees them.
import assert from 'node:assert/strict';
import {copyFile} from 'node:fs/promises';
import {join} from 'node:path';
import {after, before, test} from 'node:test';

import {Client} from './lib/client.mjs';
import {Gateway, temporaryDirectory} from './lib/gateway.mjs';
import {Proxy} from './lib/proxy.mjs';
import {RedisServer} from './lib/redis.mjs';
import {admin, member} from './lib/token.mjs';
import {eventually} from './lib/wait.mjs';

const location = 'tracker_location_updated';
const status = 'tracker_status_change';

/** A store with the demonstration's clients and trackers, all public. */
let seed;
let ships;
before(async () => {
  const gateway = await Gateway.start(['--demo', '--threads', '1']);
  const {body} = await eventually(async () => {
    const answer = await gateway.get('/api/trackers');
    return answer.body.trackers.filter((tracker) => tracker.position).length > 20 && answer;
  }, 'the demonstration to fill the store');
  const ofClient = (client) => body.trackers.filter((tracker) => tracker.client_id === client);
  ships = {
    cargo: ofClient('harbour-line')[0].id,
    ferry: ofClient('bay-ferries')[0].id,
    tanker: ofClient('pacific-tankers')[0].id,
  };
  gateway.signal('SIGTERM');
  await gateway.ended();
  const directory = await temporaryDirectory();
  seed = join(directory, 'trackwire.db');
  await copyFile(join(gateway.directory, 'trackwire.db'), seed);
  await gateway.stop();
});

/** A database of a test's own. */
async function database() {
  const file = join(await temporaryDirectory(), 'trackwire.db');
  await copyFile(seed, file);
  return `sqlite://${file}`;
}

async function patch(gateway, id, body, as = admin(), headers = {}) {
  const segment = typeof id === 'string' ? JSON.stringify(id) : String(id);
  const response = await fetch(`${gateway.url}/api/trackers/${encodeURIComponent(segment)}`, {
    method: 'PATCH',
    headers: {'content-type': 'application/json', ...(as ? {authorization: `Bearer ${as}`} : {}),
      ...headers},
    body: JSON.stringify(body),
  });
  return {status: response.status, body: await response.json()};
}

/** Says where trackers are, a second later each time: `[id, n, latitude, longitude]`. */
// Ahead of what the demonstration told of the same ships, and within what clocks may differ.
let clock = Date.now() + 60_000;
async function locate(gateway, ...places) {
  const {status: code} = await gateway.post(places.map(([id, n, latitude = 1, longitude = 2]) => ({
    message_type: location,
    notification: {tracker_id: id, latitude, longitude, n,
      fix_time: new Date(clock += 10).toISOString()},
  })));
  assert.equal(code, 202);
}

async function change(gateway, id, n) {
  const {status: code} = await gateway.post({message_type: status,
    notification: {tracker_id: id, axis: 'motion', status: 'moving', n}});
  assert.equal(code, 202);
}

const ask = (client, event, interest) => client.socket.emitWithAck(event, interest);
const none = {trackers: [], clients: [], bbox: null};

for (const threads of ['1', '2']) {
  test(`clients hear of what they have chosen, with ${threads} threads`, async () => {
    const gateway = await Gateway.start(
      ['--threads', threads, '--set', `database.url=${await database()}`],
      {TRACKWIRE_VISIBILITY_PUBLIC_EVENTS: 'news'});
    await locate(gateway, [ships.cargo, 1, 10, 10], [ships.ferry, 2, 20, 20]);
    const everything = await Client.connect(gateway.url);
    const chosen = await Client.connect(gateway.url);
    const boxed = await Client.connect(gateway.url, {transports: ['polling']});

    const answer = await ask(chosen, 'subscribe', {trackers: [ships.cargo, 'no such ship']});
    assert.deepEqual(answer.granted, {...none, trackers: [ships.cargo]});
    assert.deepEqual(answer.refused, {...none, trackers: ['no such ship']});
    assert.deepEqual(answer.positions.map(({tracker_id: id, n}) => [id, n]), [[ships.cargo, 1]]);
    assert.match(answer.offset, /^\S+\.\d+-\d+$/);
    const seen = await ask(boxed, 'subscribe', {bbox: [19, 19, 21, 21]});
    assert.deepEqual(seen.positions.map(({n}) => n), [2]);
    const wrong = await ask(boxed, 'subscribe', {bbox: [0, 5, 0, -5]});
    assert.equal(wrong.error.code, 'invalid_request');

    await locate(gateway, [ships.cargo, 3, 20.5, 20.5], [ships.ferry, 4, 30, 30],
      [ships.tanker, 5, 20, 20], [ships.cargo, 6, 10, 10]);
    await gateway.say('news', 7);
    for (const client of [everything, chosen, boxed]) await client.reach('news', 7);
    assert.deepEqual(everything.numbers(location), [3, 4, 5, 6]);
    assert.deepEqual(chosen.numbers(location), [3, 6]);
    assert.deepEqual(boxed.numbers(location), [3, 5]);
    const left = await ask(chosen, 'unsubscribe', {});
    assert.deepEqual(left.granted, none);
    await locate(gateway, [ships.cargo, 8]);
    await gateway.say('news', 9);
    await chosen.reach('news', 9);
    assert.deepEqual(chosen.numbers(location), [3, 6]);
    const metrics = await gateway.metrics();
    assert.equal(metrics['trackwire_subscription_requests_total{outcome="answered"}'], 3);
    assert.equal(metrics['trackwire_subscription_requests_total{outcome="refused"}'], 1);
    [everything, chosen, boxed].forEach((client) => client.close());
    await gateway.stop();
  });
}

test('a change of hands acts on open sockets, on snapshots, and for good', async () => {
  const url = await database();
  const gateway = await Gateway.start(['--threads', '2', '--set', `database.url=${url}`],
    {TRACKWIRE_VISIBILITY_PUBLIC_EVENTS: 'news'});
  const visitor = await Client.connect(gateway.url);
  const owner = await Client.connect(gateway.url, {token: member('bay-ferries')});
  const other = await Client.connect(gateway.url, {token: member('harbour-line')});
  await ask(visitor, 'subscribe', {trackers: [ships.cargo]});

  assert.equal((await patch(gateway, ships.cargo, {public: false}, null)).status, 401);
  assert.equal((await patch(gateway, ships.cargo, {public: false}, member('bay-ferries'))).status, 403);
  assert.equal((await patch(gateway, 'no such ship', {public: false})).status, 404);
  const nobody = await patch(gateway, ships.cargo, {client_id: 'nobody'});
  assert.deepEqual([nobody.status, nobody.body.error.code], [400, 'unknown_client']);
  assert.equal((await patch(gateway, ships.cargo, {imei: 'mine'})).status, 400);

  const done = await patch(gateway, ships.cargo, {client_id: 'bay-ferries', public: false, name: 'Ours'});
  assert.deepEqual([done.status, done.body],
    [200, {id: ships.cargo, name: 'Ours', client_id: 'bay-ferries', public: false}]);
  const sees = async (token) => {
    const headers = token ? {authorization: `Bearer ${token}`} : {};
    const {body} = await gateway.get('/api/trackers', headers);
    return body.trackers.find(({id}) => id === ships.cargo)?.name;
  };
  assert.equal(await sees(), undefined, 'at once, whatever was cached');
  assert.equal(await sees(member('bay-ferries')), 'Ours');
  await locate(gateway, [ships.cargo, 1]);
  await change(gateway, ships.cargo, 2);
  await gateway.say('news', 3);
  for (const client of [visitor, owner, other]) {
    await client.reach('news', 3);
    assert.deepEqual(client.of('trackers_changed'), [{trackers: [ships.cargo]}]);
  }
  assert.deepEqual(visitor.numbers(location), []);
  assert.deepEqual(other.numbers(location), []);
  assert.deepEqual(owner.numbers(location), [1]);
  assert.deepEqual(owner.numbers(status), [2]);
  await gateway.logged(/audit: tracker\.edit .*by=root.*outcome=done/);
  await gateway.logged(/audit: tracker\.edit .*outcome=forbidden/);

  // Whom it is hidden from is not told any more, and gets it back with the right.
  await patch(gateway, ships.cargo, {name: 'Ours alone'});
  await patch(gateway, ships.cargo, {public: true});
  await locate(gateway, [ships.cargo, 4]);
  await visitor.reach(location, 4);
  assert.equal(visitor.of('trackers_changed').length, 2);
  assert.equal(owner.of('trackers_changed').length, 3);
  await patch(gateway, ships.cargo, {public: false});
  [visitor, owner, other].forEach((client) => client.close());
  gateway.signal('SIGTERM');
  await gateway.ended();

  // The provider describes it as public and of another client when it starts again.
  const again = await Gateway.start(['--demo', '--threads', '1', '--set', `database.url=${url}`]);
  const {body} = await eventually(async () => {
    const answer = await again.get('/api/trackers', {authorization: `Bearer ${admin()}`});
    return answer.body.trackers.length > 20 && answer;
  }, 'the demonstration');
  const ship = body.trackers.find(({id}) => id === ships.cargo);
  assert.deepEqual([ship.name, ship.client_id], ['Ours alone', 'bay-ferries']);
  const open = await again.get('/api/trackers');
  assert.equal(open.body.trackers.some(({id}) => id === ships.cargo), false);
  await Promise.all([gateway.stop(), again.stop()]);
});

test('a choice comes back with its client, on any gateway of one Redis', async () => {
  const redis = await RedisServer.start();
  const url = await database();
  const args = ['--redis', redis.url, '--threads', '2', '--set', `database.url=${url}`,
    '--set', 'visibility.public_events=news'];
  const gateways = [await Gateway.start(args), await Gateway.start(args)];
  const proxy = await Proxy.to(gateways[0].port);
  const client = await Client.connect(proxy.url);
  const beside = await Client.connect(gateways[1].url);
  await ask(client, 'subscribe', {trackers: [ships.cargo], bbox: [0, 0, 5, 5]});
  await locate(gateways[1], [ships.cargo, 1, 50, 50], [ships.ferry, 2, 50, 50]);
  await client.reach(location, 1);
  const {id} = client.socket;
  for (const [round, gateway] of [gateways[1], gateways[0], gateways[1]].entries()) {
    proxy.cut();
    await eventually(() => client.disconnects.length === round + 1, 'the cut to be seen');
    await locate(gateways[0], [ships.ferry, 10 * round + 10, 50, 50], [ships.cargo, 10 * round + 11],
      [ships.tanker, 10 * round + 12, 5, 5]);
    proxy.leadTo(gateway.port);
    proxy.mend();
    await client.event('session', round + 2);
    assert.equal(client.socket.recovered, true);
    assert.equal(client.socket.id, id);
    await locate(gateways[0], [ships.ferry, 10 * round + 13, 50, 50], [ships.cargo, 10 * round + 14]);
    await client.reach(location, 10 * round + 14);
  }
  assert.deepEqual(client.numbers(location), [1, 11, 12, 14, 21, 22, 24, 31, 32, 34]);

  const done = await patch(gateways[0], ships.cargo, {public: false});
  assert.equal(done.status, 200);
  await eventually(() => beside.of('trackers_changed').length === 1, 'the other gateway to know');
  await eventually(() => client.of('trackers_changed').length === 1, 'its clients to know');
  await locate(gateways[0], [ships.cargo, 100], [ships.tanker, 101, 1, 1]);
  for (const one of [client, beside]) {
    await one.reach(location, 101);
    assert.equal(one.numbers(location).includes(100), false);
    one.close();
  }
  await proxy.close();
  await Promise.all([...gateways, redis].map((one) => one.stop()));
});
