// Addresses with servers that know streets: the two steps of an answer, and what becomes of it when
// they fail, or when the asker or the gateway goes away meanwhile.

import assert from 'node:assert/strict';
import {after, afterEach, before, describe, test} from 'node:test';

import {Client} from './lib/client.mjs';
import {
  answered, ask, atSea, berlin, geocoder, geocodingConfig, houseOf, NominatimServer, payloads,
  PhotonServer, settled, somewhere, startGeocoding, told,
} from './lib/geocoders.mjs';
import {Proxy} from './lib/proxy.mjs';
import {graphql} from './lib/updates.mjs';
import {eventually} from './lib/wait.mjs';

describe('with a server that knows streets', () => {
  let nominatim;
  let gateway;
  let client;
  before(async () => {
    nominatim = await NominatimServer.start();
    gateway = await startGeocoding(await geocodingConfig({},
      geocoder('streets', nominatim, {email: 'operator@example.org'})));
    client = await Client.connect(gateway.url);
  });
  afterEach(() => nominatim.release());
  after(async () => {
    await gateway.stop();
    await nominatim.close();
  });

  test('the place comes at once and the street when it is known', async () => {
    nominatim.behave('held');
    const place = somewhere();
    assert.deepEqual(await ask(client, {...place, request_id: 'two steps'}),
      {request_id: 'two steps', status: 'queued'});
    await eventually(() => nominatim.held === 1, 'the question to the server');
    await eventually(() => told(client, 'two steps').length >= 2, 'what is said at once');
    assert.deepEqual(told(client, 'two steps'), ['provisional', 'queued']);
    const [provisional, queued] = payloads(client, 'two steps');
    assert.equal(provisional.provider, 'offline');
    assert.equal(provisional.cached, false);
    assert.equal(queued.queue_position, 1);
    assert.equal(queued.latitude, place.latitude);
    nominatim.release();
    const final = (await answered(client, 'two steps')).at(-1);
    assert.equal(final.provider, 'streets');
    assert.equal(final.provisional, false);
    assert.equal(final.cached, false);
    assert.equal(final.latitude, place.latitude);
    assert.equal(final.address.road, 'Test Road');
    assert.equal(final.address.house_number, houseOf(place.latitude, place.longitude));
    assert.equal(final.address.country_code, 'DE');
    const [request] = nominatim.requests.slice(-1);
    assert.match(request.headers['user-agent'], /^trackwire\/\d/);
    const asked = new URL(request.path, nominatim.url).searchParams;
    assert.equal(asked.get('email'), 'operator@example.org');
    assert.equal(asked.get('accept-language'), 'en');
    assert.ok(!gateway.log.includes('operator@example.org'));
  });

  test('what is known is told at once', async () => {
    const place = somewhere();
    await ask(client, {...place, request_id: 'first'});
    await answered(client, 'first');
    const count = nominatim.requests.length;
    // In the same cell of four decimals.
    const near = {latitude: place.latitude + 0.00001, longitude: place.longitude};
    assert.equal((await ask(client, {...near, request_id: 'again'})).status, 'answered');
    const [result] = await answered(client, 'again');
    assert.deepEqual(told(client, 'again'), ['final']);
    assert.equal(result.cached, true);
    assert.equal(result.latitude, near.latitude);
    assert.equal(result.address.house_number, houseOf(place.latitude, place.longitude));
    assert.equal(nominatim.requests.length, count);
    const {body} = await gateway.get(
      `/api/geocode/reverse?latitude=${place.latitude}&longitude=${place.longitude}`);
    assert.equal(body.cached, true);
    assert.equal(body.address.road, 'Test Road');
  });

  test('each language is a question of its own', async () => {
    const place = somewhere();
    for (const [language, country] of [['de', 'Deutschland'], ['fr', 'Allemagne'],
      [undefined, 'Germany']]) {
      const id = `in ${language}`;
      await ask(client, {...place, request_id: id, language});
      assert.equal((await answered(client, id)).at(-1).address.country, country);
    }
    const query = `latitude=${place.latitude}&longitude=${place.longitude}`;
    const {body} = await gateway.get(`/api/geocode/reverse?${query}&language=de`);
    assert.equal(body.address.country, 'Deutschland');
  });

  test('many who ask for one place cause one question', async () => {
    nominatim.behave('held');
    const place = somewhere();
    const others = await Promise.all(Array.from({length: 5}, () => Client.connect(gateway.url)));
    const before = nominatim.requests.length;
    await Promise.all(others.map((other, i) => ask(other, {...place, request_id: `of ${i}`})));
    nominatim.release();
    for (const [i, other] of others.entries()) {
      assert.equal((await answered(other, `of ${i}`)).at(-1).provider, 'streets');
      // Nobody hears what another asked.
      assert.deepEqual(others.filter((one) => told(one, `of ${i}`).length > 0), [other]);
      other.close();
    }
    assert.equal(nominatim.requests.length - before, 1);
  });

  test('where the server knows nothing the place is the last word', async () => {
    const place = {latitude: -33.9, longitude: 18.5};
    await ask(client, {...place, request_id: 'cape'});
    await eventually(() => told(client, 'cape').includes('final'), 'the last word');
    const final = payloads(client, 'cape').at(-1);
    assert.equal(final.provider, 'offline');
    assert.equal(final.provisional, false);
    assert.equal(final.address.country_code, 'ZA');
    await ask(client, {...atSea, request_id: 'nothing'});
    await eventually(() => settled(client, 'nothing'), 'the answer');
    assert.equal(told(client, 'nothing').at(-1), 'error not_found');
    const {status} = await gateway.get(
      `/api/geocode/reverse?latitude=${atSea.latitude}&longitude=${atSea.longitude}`);
    assert.equal(status, 404);
  });

  test('REST waits for the street', async () => {
    const place = somewhere();
    const {status, body} = await gateway.get(
      `/api/geocode/reverse?latitude=${place.latitude}&longitude=${place.longitude}`);
    assert.equal(status, 200);
    assert.equal(body.provider, 'streets');
    assert.equal(body.address.house_number, houseOf(place.latitude, place.longitude));
    const {data} = await graphql(gateway, `{ reverseGeocode(latitude: ${somewhere().latitude},
      longitude: 11.5) { provisional address { road houseNumber postcode } } }`, {}, '');
    assert.deepEqual([data.reverseGeocode.provisional, data.reverseGeocode.address.road],
      [false, 'Test Road']);
  });

  test('a client that was away gets its answer once', async () => {
    const proxy = await Proxy.to(gateway.port);
    const away = await Client.connect(proxy.url);
    nominatim.behave('held');
    await ask(away, {...somewhere(), request_id: 'away'});
    await eventually(() => nominatim.held === 1, 'the question to the server');
    // What is said at once is said to the connection, and would be lost with it.
    await eventually(() => told(away, 'away').includes('queued'), 'what is said at once');
    proxy.cut();
    await eventually(() => away.disconnects.length === 1, 'the cut to be seen');
    const dispatched = async () =>
      (await gateway.metrics()).trackwire_notifications_dispatched_total;
    const before = await dispatched();
    nominatim.release();
    await eventually(async () => await dispatched() > before, 'the answer to be in the log');
    proxy.mend();
    await away.event('session', 2);
    assert.equal(away.socket.recovered, true);
    await eventually(() => settled(away, 'away'), 'the answer');
    await gateway.say('mark', 1);
    await ask(away, {...berlin, request_id: 'later'});
    await answered(away, 'later');
    assert.deepEqual(told(away, 'away'), ['provisional', 'queued', 'final']);
    away.close();
    await proxy.close();
  });

  test('a request outlives the process that took it', async () => {
    const own = await startGeocoding(await geocodingConfig({}, geocoder('streets', nominatim)));
    const proxy = await Proxy.to(own.port);
    const asking = await Client.connect(proxy.url);
    nominatim.behave('held');
    const place = somewhere();
    await ask(asking, {...place, request_id: 'outlives'});
    await eventually(() => nominatim.held === 1, 'the question to the server');
    await eventually(() => told(asking, 'outlives').includes('queued'), 'what is said at once');
    proxy.cut();
    await own.kill();
    nominatim.release();
    await own.restart();
    proxy.mend();
    await asking.event('session', 2);
    assert.equal(asking.socket.recovered, true);
    assert.equal((await answered(asking, 'outlives')).at(-1).provider, 'streets');
    assert.deepEqual(told(asking, 'outlives'), ['provisional', 'queued', 'final']);
    asking.close();
    await proxy.close();
    await own.stop();
  });

  test('a gateway that is told to stop does not wait for the server', async () => {
    const own = await startGeocoding(await geocodingConfig({},
      geocoder('streets', nominatim, {timeout_s: 60})), '--set', 'drain.notice_ms=0');
    nominatim.behave('held');
    const asking = await Client.connect(own.url, {reconnection: false});
    for (let i = 0; i < 12; ++i) await ask(asking, {...somewhere(), request_id: `${i}`});
    const waiting = own.get('/api/geocode/reverse?latitude=47.77&longitude=10.1')
      .catch(() => undefined);
    await eventually(() => nominatim.held > 0, 'a question to the server');
    own.signal('SIGTERM');
    assert.equal(await own.ended(), 0);
    // Answered by what was at hand, or cut off; never left hanging.
    const answer = await waiting;
    if (answer?.status === 200) assert.equal(answer.body.provisional, true);
    await own.stop();
  });

  test('of who has left for good nobody hears', async () => {
    const leaver = await Client.connect(gateway.url);
    nominatim.behave('held');
    const place = somewhere();
    await ask(leaver, {...place, request_id: 'gone'});
    await eventually(() => nominatim.held === 1, 'the question to the server');
    const dropped = async () =>
      (await gateway.metrics()).trackwire_geocoding_answers_dropped_total;
    const connected = async () => Object.entries(await gateway.metrics())
      .filter(([name]) => name.startsWith('trackwire_connections{'))
      .reduce((sum, [, value]) => sum + value, 0);
    const before = await dropped();
    // Those of the tests before have gone, and then this one.
    await eventually(async () => await connected() === 2, 'only two to be there');
    leaver.close();
    await eventually(async () => await connected() === 1, 'the end to be seen');
    nominatim.release();
    await eventually(async () => await dropped() > before, 'the answer to be dropped');
    // It is kept all the same.
    await eventually(async () => (await gateway.get(`/api/geocode/reverse?latitude=${
      place.latitude}&longitude=${place.longitude}`)).body.cached, 'the answer in the cache');
    assert.deepEqual(told(client, 'gone'), []);
  });

  test('the figures tell of it', async () => {
    const figures = await gateway.metrics();
    const name = 'trackwire_geocoding';
    for (const [key, least] of [
      [`${name}_requests_total`, 10],
      [`${name}_events_total{outcome="queued"}`, 5],
      [`${name}_cache_total{result="hit"}`, 2],
      [`${name}_cache_total{result="miss"}`, 5],
      [`${name}_joined_total`, 4],
      [`${name}_lookups_total{outcome="found"}`, 5],
      [`${name}_lookups_total{outcome="not_found"}`, 1],
      [`${name}_lookup_seconds_count`, 5],
      [`${name}_provider_requests_total{provider="streets"}`, 5],
      [`${name}_provider_outcomes_total{provider="streets",outcome="found"}`, 5],
      [`${name}_offline_answers_total{kind="provisional"}`, 2],
      [`${name}_index_bytes`, 1],
    ]) assert.ok(figures[key] >= least, `${key} is ${figures[key]}`);
    assert.equal(figures[`${name}_provider_breaker{provider="streets",state="closed"}`], 1);
    assert.equal(figures[`${name}_waiting`], 0);
  });
});

describe('a server that fails', () => {
  let photon;
  before(async () => {
    photon = await PhotonServer.start();
  });
  after(() => photon.close());

  const failures = [
    ['failing', {status: 500}, 'provider_unavailable'],
    ['failing', {status: 403}, 'provider_unavailable'],
    ['garbage', {}, 'provider_unavailable'],
    ['cut', {}, 'provider_unavailable'],
    ['silent', {}, 'provider_unavailable'],
    ['limited', {retryAfter: 120}, 'rate_limited'],
  ];
  for (const [mode, options, code] of failures) {
    test(`${mode} ${JSON.stringify(options)} is told as ${code}`, async () => {
      photon.behave(mode, options);
      const gateway = await startGeocoding(await geocodingConfig({patience_s: 5},
        geocoder('photon', photon, {timeout_s: 1})));
      const client = await Client.connect(gateway.url);
      await ask(client, {...berlin, request_id: 'r'});
      await eventually(() => told(client, 'r').some((word) => word.startsWith('error')),
        'the failure');
      assert.deepEqual(told(client, 'r'), ['provisional', 'queued', `error ${code}`]);
      // Without patience there is the place, marked.
      const {body} = await gateway.get('/api/geocode/reverse?latitude=52.1&longitude=13.1');
      assert.deepEqual([body.provider, body.provisional], ['offline', true]);
      await gateway.stop();
    });
  }

  test('the next one is asked', async () => {
    const nominatim = await NominatimServer.start();
    photon.behave('failing');
    const gateway = await startGeocoding(await geocodingConfig({},
      geocoder('first', photon), geocoder('second', nominatim)));
    const client = await Client.connect(gateway.url);
    await ask(client, {...berlin, request_id: 'r'});
    assert.equal((await answered(client, 'r')).at(-1).provider, 'second');
    photon.release();
    await ask(client, {...somewhere(), request_id: 's'});
    const final = (await answered(client, 's')).at(-1);
    assert.equal(final.provider, 'first');
    assert.equal(final.address.road, 'Photon Street');
    await gateway.stop();
    await nominatim.close();
  });
});

describe('the index behind a server', () => {
  test('has the last word when that fails', async () => {
    const nominatim = await NominatimServer.start();
    nominatim.behave('failing');
    const gateway = await startGeocoding(await geocodingConfig({providers: ['streets', 'offline']},
      geocoder('streets', nominatim)));
    const client = await Client.connect(gateway.url);
    await ask(client, {...berlin, request_id: 'r'});
    const last = (await answered(client, 'r')).at(-1);
    assert.deepEqual([last.provider, last.provisional], ['offline', false]);
    assert.match(gateway.output,
      /addresses streets \(nominatim, http:\/\/127[^)]*\), then offline/);
    await gateway.stop();
    await nominatim.close();
  });
});

describe('a queue that is full', () => {
  test('takes no more, and says so', async () => {
    const nominatim = await NominatimServer.start();
    nominatim.behave('held');
    const gateway = await startGeocoding(await geocodingConfig({max_waiting: 2, max_at_once: 1,
      patience_s: 1}, geocoder('streets', nominatim, {concurrency: 1, timeout_s: 60})));
    const client = await Client.connect(gateway.url);
    await ask(client, {...somewhere(), request_id: 'under way'});
    await eventually(() => nominatim.held === 1, 'the question to the server');
    const asked = [];
    for (let i = 0; i < 6; ++i) asked.push(await ask(client, {...somewhere(), request_id: `${i}`}));
    const refused = asked.filter(({error}) => error);
    assert.ok(refused.length >= 3, JSON.stringify(asked));
    for (const {error} of refused) assert.equal(error.code, 'queue_full');
    const place = somewhere();
    const {status, body} = await gateway.get(
      `/api/geocode/reverse?latitude=${place.latitude}&longitude=${place.longitude}`);
    assert.deepEqual([status, body.error.code], [503, 'queue_full']);
    nominatim.release();
    for (const [i, {error}] of asked.entries()) {
      if (!error) await answered(client, `${i}`);
    }
    await gateway.stop();
    await nominatim.close();
  });
});
