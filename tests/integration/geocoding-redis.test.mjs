// Addresses where several gateways share a broker: one lookup for all of them, answers that outlive
// the gateway that took the request, places where trackers stop, and positions that wait for none
// of it.

import assert from 'node:assert/strict';
import {after, afterEach, before, test} from 'node:test';

import {Client} from './lib/client.mjs';
import {print, sized} from './lib/figures.mjs';
import {Fleet} from './lib/fleet.mjs';
import {
  answered, ask, geocoder, geocodingConfig, houseOf, NominatimServer, settled, somewhere, told,
  unlimited,
} from './lib/geocoders.mjs';
import {Proxy} from './lib/proxy.mjs';
import {durable, RedisServer} from './lib/redis.mjs';
import {publisher} from './lib/token.mjs';
import {eventually} from './lib/wait.mjs';

let redis;
let nominatim;
let fleet;
let config;
before(async () => {
  redis = await RedisServer.start(durable);
  nominatim = await NominatimServer.start();
  config = await geocodingConfig({on_stop: true, patience_s: 5},
    geocoder('streets', nominatim, {timeout_s: 60}));
  fleet = await Fleet.start(2, redis.url, ['--config', config, ...unlimited]);
});
afterEach(() => nominatim.release());
after(async () => {
  await fleet.stop();
  await nominatim.close();
  await redis.stop();
});

const at = ({latitude, longitude}) => houseOf(latitude, longitude);

/** How often a place was asked for. */
const count = (place) => nominatim.asked.filter((asked) => {
  const [latitude, longitude] = asked.split(',');
  return houseOf(latitude, longitude) === at(place);
}).length;

const final = async (client, id) => (await answered(client, id)).at(-1);

const location = (id, place, more = {}) => ({message_type: 'tracker_location_updated',
  notification: {tracker_id: id, ...place, fix_time: new Date().toISOString(), ...more}});

test('two gateways ask once for all who want to know', async () => {
  nominatim.behave('held');
  const place = somewhere();
  const clients = await Promise.all(fleet.gateways.flatMap(({url}) =>
    [Client.connect(url), Client.connect(url), Client.connect(url)]));
  const acks = await Promise.all(clients.map((client, i) =>
    ask(client, {...place, request_id: `of ${i}`})));
  for (const ack of acks) assert.equal(ack.status, 'queued', JSON.stringify(ack));
  await eventually(() => nominatim.held === 1, 'the question to the server');
  nominatim.release();
  for (const [i, client] of clients.entries()) {
    const answer = await final(client, `of ${i}`);
    assert.equal(answer.provider, 'streets');
    assert.equal(answer.address.house_number, at(place));
    assert.deepEqual(told(client, `of ${i}`), ['provisional', 'queued', 'final']);
  }
  assert.equal(count(place), 1);
  // What one of them found out the other knows.
  for (const {url} of fleet.gateways) {
    const client = await Client.connect(url);
    await ask(client, {...place, request_id: 'known'});
    assert.equal((await final(client, 'known')).cached, true);
    client.close();
  }
  assert.equal(count(place), 1);
  clients.forEach((client) => client.close());
});

test('who comes back to another gateway gets the answer there, once', async () => {
  const proxy = await Proxy.to(fleet.gateways[0].port);
  const client = await Client.connect(proxy.url);
  nominatim.behave('held');
  const place = somewhere();
  await ask(client, {...place, request_id: 'moved'});
  await eventually(() => nominatim.held === 1, 'the question to the server');
  await eventually(() => told(client, 'moved').includes('queued'), 'what is said at once');
  proxy.cut();
  await eventually(() => client.disconnects.length === 1, 'the cut to be seen');
  proxy.leadTo(fleet.gateways[1].port);
  proxy.mend();
  await client.event('session', 2);
  assert.equal(client.socket.recovered, true);
  nominatim.release();
  assert.equal((await final(client, 'moved')).provider, 'streets');
  await ask(client, {...place, request_id: 'then'});
  await final(client, 'then');
  assert.deepEqual(told(client, 'moved'), ['provisional', 'queued', 'final']);
  client.close();
  await proxy.close();
});

test('a gateway that is killed leaves its requests to the other', async () => {
  const dying = fleet.gateways[0];
  const proxy = await Proxy.to(dying.port);
  const client = await Client.connect(proxy.url);
  nominatim.behave('held');
  const places = Array.from({length: 12}, somewhere);
  for (const [i, place] of places.entries()) {
    const ack = await ask(client, {...place, request_id: `left ${i}`});
    assert.equal(ack.status, 'queued', JSON.stringify(ack));
  }
  await eventually(() => nominatim.held > 0, 'a question to the server');
  await fleet.kill(0);
  proxy.cut();
  proxy.leadTo(fleet.gateways[1].port);
  proxy.mend();
  await client.event('session', 2);
  assert.equal(client.socket.recovered, true);
  nominatim.release();
  for (const [i, place] of places.entries()) {
    const answer = await final(client, `left ${i}`);
    assert.equal(answer.provider, 'streets', JSON.stringify(answer));
    assert.equal(answer.address.house_number, at(place));
    assert.equal(told(client, `left ${i}`).filter((word) => word === 'final').length, 1);
  }
  client.close();
  await proxy.close();
  await fleet.restart(0);
});

test('a gateway that stops hands on what waits', async () => {
  const leaving = await fleet.add(redis.url, ['--config', config, ...unlimited,
    '--set', 'drain.notice_ms=0']);
  fleet.leaveOut(fleet.gateways.indexOf(leaving));
  const proxy = await Proxy.to(leaving.port);
  const client = await Client.connect(proxy.url);
  nominatim.behave('held');
  const places = Array.from({length: 12}, somewhere);
  for (const [i, place] of places.entries()) {
    await ask(client, {...place, request_id: `handed ${i}`});
  }
  await eventually(() => nominatim.held > 0, 'a question to the server');
  proxy.leadTo(fleet.gateways[1].port);
  leaving.signal('SIGTERM');
  assert.equal(await leaving.ended(), 0);
  await client.event('session', 2);
  assert.equal(client.socket.recovered, true);
  nominatim.release();
  for (const [i, place] of places.entries()) {
    const answer = await final(client, `handed ${i}`);
    assert.equal(answer.address?.house_number, at(place), JSON.stringify(answer));
    assert.equal(told(client, `handed ${i}`).filter((word) => word === 'final').length, 1);
  }
  client.close();
  await proxy.close();
});

test('where a tracker stops the address is there before anybody asks', async () => {
  const gateway = fleet.any();
  const place = somewhere();
  const say = async (...envelopes) => {
    const {status, body} = await gateway.post(envelopes, {as: publisher()});
    assert.equal(status, 202);
    for (const {error} of body.results) assert.equal(error, undefined);
  };
  const change = (id, status, previous_status) => ({message_type: 'tracker_status_change',
    notification: {tracker_id: id, axis: 'motion', status, previous_status, reason: 'speed',
      since: new Date().toISOString(), timestamp: new Date().toISOString()}});
  const elsewhere = somewhere();
  await say(location('goes', elsewhere), change('goes', 'moving', 'stopped'),
    location('stops', place), change('stops', 'stopped', 'moving'));
  await eventually(() => count(place) > 0, 'the question to the server');
  const client = await Client.connect(gateway.url);
  await eventually(async () => (await gateway.get(`/api/geocode/reverse?latitude=${
    place.latitude}&longitude=${place.longitude}`)).body.cached, 'the answer in the cache');
  await ask(client, {...place, request_id: 'known'});
  assert.deepEqual(await final(client, 'known').then(({cached}) => cached), true);
  assert.equal(count(place), 1);
  assert.equal(count(elsewhere), 0);
  client.close();
});

test('a burst of requests makes one lookup a place', async () => {
  const places = Array.from({length: sized(50, 5_000)}, somewhere);
  const clients = await Promise.all(Array.from({length: sized(10, 20)}, (_, i) =>
    Client.connect(fleet.gateways[i % 2].url)));
  const before = nominatim.requests.length;
  const begun = Date.now();
  // By id: the last words that came.
  const ends = clients.map((client) => {
    const words = new Map();
    for (const name of ['geocoding_result', 'geocoding_error']) {
      client.socket.on(name, (payload) => {
        if (payload.provisional) return;
        words.set(payload.request_id, [...(words.get(payload.request_id) ?? []), payload]);
      });
    }
    return words;
  });
  for (const client of clients) {
    places.forEach((place, i) =>
      client.socket.emit('request_geocoding', {...place, request_id: `${i}`}));
  }
  await eventually(() => ends.every((words) => words.size === places.length), 'all answers',
    sized(60_000, 600_000));
  print('a burst of requests for addresses', {requests: clients.length * places.length,
    places: places.length, seconds: (Date.now() - begun) / 1000});
  for (const words of ends) {
    for (const [i, place] of places.entries()) {
      assert.deepEqual(words.get(`${i}`).map(({address}) => address?.house_number), [at(place)]);
    }
  }
  assert.equal(nominatim.requests.length - before, places.length);
  assert.equal(new Set(nominatim.asked.slice(before)).size, places.length);
  clients.forEach((client) => client.close());
});

/** Publishes positions one after the other; what each took to reach each client, in ms, sorted. */
async function move(id, moves, clients) {
  const sent = [];
  const arrivals = clients.map((client) => {
    const times = [];
    client.socket.on('tracker_location_updated', ({tracker_id: tracker, n}) => {
      if (tracker === id) times.push([n, process.hrtime.bigint()]);
    });
    return times;
  });
  for (let n = 0; n < moves; ++n) {
    sent.push(process.hrtime.bigint());
    const {status} = await fleet.any().post(location(id, {latitude: 50, longitude: n / 10}, {n}),
      {as: publisher()});
    assert.equal(status, 202);
  }
  await eventually(() => arrivals.every((times) => times.length >= moves), 'all positions');
  // All of it came, in its order.
  for (const times of arrivals) assert.deepEqual(times.map(([n]) => n), [...Array(moves).keys()]);
  return arrivals.flat().map(([n, time]) => Number(time - sent[n]) / 1e6).sort((a, b) => a - b);
}

test('positions wait for no address', async () => {
  const clients = await Promise.all(fleet.alive.map(({url}) => Client.connect(url)));
  const [, asking] = clients;
  const quiet = await move('before', 300, clients);
  nominatim.behave('held');
  const waiting = Array.from({length: 200}, (_, i) => ({...somewhere(), request_id: `w ${i}`}));
  const acks = await Promise.all(waiting.map((question) => ask(asking, question)));
  for (const ack of acks) assert.equal(ack.status, 'queued', JSON.stringify(ack));
  await eventually(() => nominatim.held > 0, 'a question to the server');
  const held = await move('meanwhile', 300, clients);
  assert.equal(waiting.filter(({request_id: id}) => settled(asking, id)).length, 0);
  // No assertion: what else runs on the machine decides.
  const of = (times) => ({p50_ms: times[Math.floor(times.length / 2)],
    p99_ms: times[Math.floor(times.length * 0.99)]});
  print('positions while 200 addresses are waited for', {quiet: of(quiet), held: of(held)});
  nominatim.release();
  for (const {request_id: id} of waiting) {
    assert.equal((await final(asking, id)).provider, 'streets', id);
  }
  clients.forEach((client) => client.close());
});
