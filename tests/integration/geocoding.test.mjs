// Addresses: what a client that asks is told, with and without servers that know streets.

import assert from 'node:assert/strict';
import {after, afterEach, before, describe, test} from 'node:test';

import {Client} from './lib/client.mjs';
import {Gateway, run} from './lib/gateway.mjs';
import {
  ask, geocoder, geocodingConfig, houseOf, NominatimServer, payloads, PhotonServer, settled, told,
} from './lib/geocoders.mjs';
import {Proxy} from './lib/proxy.mjs';
import {graphql} from './lib/updates.mjs';
import {eventually} from './lib/wait.mjs';

const berlin = {latitude: 52.5186789, longitude: 13.3761234};
const atSea = {latitude: -44.123456, longitude: -30.5};
/** Limits that no test reaches by accident. */
const free = ['session', 'user', 'address'].flatMap((scope) =>
  ['--set', `rate_limits.geocoding_${scope}_per_second=0`]);
const noEvents = ['--set', 'rate_limits.event_session_per_second=0'];

const start = (config, ...more) =>
  Gateway.start([...(config ? ['--config', config] : []), '--threads', '2', ...free, ...noEvents,
    ...more]);

/** A place of its own for each test: nothing is cached there. */
let fresh = 0;
const somewhere = () => ({latitude: 48 + ++fresh * 0.01, longitude: 11.5});

async function answered(client, requestId) {
  await eventually(() => settled(client, requestId), `the answer to ${requestId}`);
  return payloads(client, requestId);
}

describe('without a server', () => {
  let gateway;
  let client;
  before(async () => {
    gateway = await start();
    client = await Client.connect(gateway.url);
  });
  after(() => gateway.stop());

  test('the offline index answers at once, behind the ack', async () => {
    const ack = await ask(client, {...berlin, request_id: 'one'});
    assert.deepEqual(ack, {request_id: 'one', status: 'answered'});
    const [result] = await answered(client, 'one');
    const {address, ...rest} = result;
    assert.deepEqual(rest, {request_id: 'one', ...berlin, cached: false, provider: 'offline',
      provisional: false});
    assert.equal(address.country_code, 'DE');
    assert.equal(address.country, 'Germany');
    assert.ok(address.display_name.includes('Germany'));
    assert.ok(address.distance_m >= 0);
    assert.deepEqual(told(client, 'one'), ['final']);
  });

  test('who gives no id gets one', async () => {
    const ack = await ask(client, berlin);
    assert.match(ack.request_id, /^[\w-]{8,64}$/);
    await answered(client, ack.request_id);
  });

  test('there is nothing at sea', async () => {
    assert.equal((await ask(client, {...atSea, request_id: 'sea'})).status, 'answered');
    const [error] = await answered(client, 'sea');
    assert.equal(error.code, 'not_found');
    assert.equal(error.latitude, atSea.latitude);
    assert.equal(error.longitude, atSea.longitude);
    assert.equal('retry_after' in error, false);
  });

  test('what is no question is refused, in the ack and by event', async () => {
    const bad = [
      [{latitude: '52.5', longitude: 13.4, request_id: 'text'}, 'text'],
      [{longitude: 13.4, request_id: 'half'}, 'half'],
      [{latitude: 91, longitude: 13.4, request_id: 'north'}, 'north'],
      [{latitude: 1, longitude: 180.5, request_id: 'east'}, 'east'],
      [{...berlin, language: 'not a language', request_id: 'tongue'}, 'tongue'],
      [{...berlin, language: 7, request_id: 'seven'}, 'seven'],
      [{...berlin, request_id: 'x'.repeat(65)}, undefined],
      [{...berlin, request_id: 12}, undefined],
      [{...berlin, request_id: ''}, undefined],
      ['Berlin', undefined],
      [null, undefined],
    ];
    for (const [question, id] of bad) {
      const {error} = await ask(client, question);
      assert.equal(error.code, 'invalid_request', JSON.stringify(question));
      assert.ok(error.message.length > 0);
      if (!id) continue;
      await eventually(() => told(client, id).length > 0, `the refusal of ${id}`);
      assert.deepEqual(told(client, id), ['error invalid_request']);
    }
    await eventually(() => client.of('geocoding_error').filter(({code}) =>
      code === 'invalid_request').length === bad.length, 'all refusals');
  });

  test('a question without an ack is answered, too', async () => {
    client.socket.emit('request_geocoding', {...berlin, request_id: 'quiet'});
    const [result] = await answered(client, 'quiet');
    assert.equal(result.provider, 'offline');
  });

  test('REST tells the same', async () => {
    const path = `/api/geocode/reverse?latitude=${berlin.latitude}&longitude=${berlin.longitude}`;
    const {status, body, headers} = await gateway.get(path);
    assert.equal(status, 200);
    const {address, ...rest} = body;
    assert.deepEqual(rest, {...berlin, cached: false, provider: 'offline', provisional: false});
    assert.equal(address.country_code, 'DE');
    assert.match(headers.get('cache-control'), /no-store/);
    assert.equal(headers.get('x-content-type-options'), 'nosniff');
    for (const [query, expected, code] of [
      [`latitude=${atSea.latitude}&longitude=${atSea.longitude}`, 404, 'not_found'],
      ['latitude=52', 400, 'invalid_request'],
      ['latitude=52&longitude=east', 400, 'invalid_request'],
      ['latitude=nan&longitude=1', 400, 'invalid_request'],
      ['latitude=52&longitude=181', 400, 'invalid_request'],
      ['latitude=52&longitude=13&language=%25', 400, 'invalid_request'],
    ]) {
      const refused = await gateway.get(`/api/geocode/reverse?${query}`);
      assert.deepEqual([refused.status, refused.body.error.code], [expected, code], query);
    }
  });

  test('whose data it is can be read by everybody', async () => {
    const {status, body} = await gateway.get('/api/geocode/attribution');
    assert.equal(status, 200);
    assert.ok(body.attributions.length > 0);
    for (const one of body.attributions) {
      assert.deepEqual(Object.keys(one), ['text', 'url', 'licence']);
    }
  });

  test('GraphQL tells the same, once for a place that is asked for twice', async () => {
    const before = (await gateway.metrics()).trackwire_geocoding_requests_total;
    const {data, errors} = await graphql(gateway, `query ($la: Float!, $lo: Float!) {
      a: reverseGeocode(latitude: $la, longitude: $lo) { provider cached provisional latitude
        address { displayName countryCode country state city road distance bearing } }
      b: reverseGeocode(latitude: $la, longitude: $lo) { longitude address { country } }
      sea: reverseGeocode(latitude: ${atSea.latitude}, longitude: ${atSea.longitude}) { provider }
    }`, {la: berlin.latitude, lo: berlin.longitude}, '');
    assert.equal(errors, undefined, JSON.stringify(errors));
    assert.equal(data.a.provider, 'offline');
    assert.equal(data.a.latitude, berlin.latitude);
    assert.equal(data.a.address.countryCode, 'DE');
    assert.equal(data.a.address.road, null);
    assert.equal(data.b.address.country, 'Germany');
    assert.equal(data.sea, null);
    const after = (await gateway.metrics()).trackwire_geocoding_requests_total;
    assert.equal(after - before, 2);
    const wrong = await graphql(gateway,
      '{ reverseGeocode(latitude: 91, longitude: 0) { provider } }', {}, '');
    assert.equal(wrong.errors[0].extensions.code, 'bad_argument');
  });

  test('the start says what is used and what is not', () => {
    assert.match(gateway.output, /addresses offline/);
    assert.match(gateway.output, /without .*streets/);
  });
});

describe('an index that is not there', () => {
  test('is told, and nobody is answered', async () => {
    const gateway = await start(null, '--set', 'geocoding.index=/nowhere/geocoding.bin');
    await gateway.logged(/addresses cannot be found offline/);
    assert.match(gateway.output, /addresses from nobody/);
    const client = await Client.connect(gateway.url);
    const {error} = await ask(client, {...berlin, request_id: 'r'});
    assert.equal(error.code, 'provider_unavailable');
    assert.deepEqual(told(client, 'r'), ['error provider_unavailable']);
    const {status, body} = await gateway.get('/api/geocode/reverse?latitude=52&longitude=13');
    assert.deepEqual([status, body.error.code], [503, 'provider_unavailable']);
    await gateway.stop();
  });
});

describe('switched off', () => {
  test('there is neither event nor route', async () => {
    const gateway = await start(null, '--set', 'geocoding.enabled=false');
    const client = await Client.connect(gateway.url);
    assert.equal((await ask(client, berlin)).error.code, 'unknown_event');
    assert.equal((await gateway.get('/api/geocode/reverse?latitude=1&longitude=1')).status, 404);
    assert.equal((await gateway.get('/api/geocode/attribution')).status, 404);
    const {errors} = await graphql(gateway,
      '{ reverseGeocode(latitude: 1, longitude: 1) { provider } }', {}, '');
    assert.equal(errors[0].extensions.code, 'unavailable');
    assert.match(gateway.output, /off .*addresses \(geocoding\.enabled\)/);
    await gateway.stop();
  });
});

describe('limits', () => {
  test('who asks too often is told when to come back', async () => {
    const gateway = await Gateway.start(['--set', 'rate_limits.geocoding_session_burst=2',
      '--set', 'rate_limits.geocoding_session_per_second=0.01',
      '--set', 'rate_limits.geocoding_address_burst=3',
      '--set', 'rate_limits.geocoding_address_per_second=0.01',
      '--set', 'rate_limits.loopback=true']);
    const client = await Client.connect(gateway.url);
    for (const id of ['1', '2']) {
      assert.equal((await ask(client, {...berlin, request_id: id})).status, 'answered');
    }
    const {error} = await ask(client, {...berlin, request_id: '3'});
    assert.equal(error.code, 'rate_limited');
    assert.ok(Number.isInteger(error.retry_after) && error.retry_after >= 1);
    await eventually(() => settled(client, '3'), 'the refusal');
    const [event] = payloads(client, '3');
    assert.equal(event.code, 'rate_limited');
    assert.equal(event.retry_after, error.retry_after);
    // The third by this address, and then no more.
    const path = '/api/geocode/reverse?latitude=52&longitude=13';
    assert.equal((await gateway.get(path)).status, 200);
    const refused = await gateway.get(path);
    assert.equal(refused.status, 429);
    assert.equal(refused.body.error.code, 'rate_limited');
    assert.ok(Number(refused.headers.get('retry-after')) >= 1);
    const {errors} = await graphql(gateway,
      '{ reverseGeocode(latitude: 1, longitude: 1) { provider } }', {}, '');
    assert.equal(errors[0].extensions.code, 'rate_limited');
    await gateway.stop();
  });
});

describe('a configuration that cannot be', () => {
  const cases = [
    [{providers: ['nominatim']}, [], /no \[\[geocoders\]\] with the name "nominatim"/],
    [{}, [{name: 'n', kind: 'pelias', url: 'https://example.org'}], /kind: must be one of/],
    [{}, [{name: 'n', kind: 'photon'}], /url: n needs one/],
    [{}, [{name: 'n', kind: 'photon', url: 'ftp://example.org'}], /geocoders\.url/],
    [{}, [{name: 'n', kind: 'photon', url: 'https://example.org', email: 'a@b.c'}], /email/],
    [{}, [{name: 'offline', kind: 'photon', url: 'https://example.org'}], /other than offline/],
    [{}, [{name: 'n', kind: 'photon', url: 'https://example.org', retries: 99}], /0 to 10/],
    [{on_stop: true}, [], /on_stop does nothing/],
    [{on_stop: true}, [{name: 'n', kind: 'nominatim',
      url: 'https://nominatim.openstreetmap.org'}], /forbids requests that no person made/],
    [{}, [{name: 'n', kind: 'nominatim', url: 'https://Nominatim.OpenStreetMap.org:443/',
      requests_per_second: 2}], /allows one a second/],
    [{language: 'not one'}, [], /language tag/],
    [{detail: 'room'}, [], /building, street, city/],
    [{max_waiting: 0}, [], /max_waiting/],
  ];
  for (const [geocoding, geocoders, pattern] of cases) {
    test(`is refused: ${pattern.source}`, async () => {
      const config = await geocodingConfig(geocoding, ...geocoders);
      const {code, stderr} = await run(['check-config', '--config', config]);
      assert.equal(code, 2);
      assert.match(stderr, pattern);
    });
  }
});

describe('with a server that knows streets', () => {
  let nominatim;
  let gateway;
  let client;
  before(async () => {
    nominatim = await NominatimServer.start();
    gateway = await start(await geocodingConfig({},
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
    const place = {latitude: -33.9, longitude: 18.5 + ++fresh * 0.01};
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
    const own = await start(await geocodingConfig({}, geocoder('streets', nominatim)));
    const proxy = await Proxy.to(own.port);
    const asking = await Client.connect(proxy.url);
    nominatim.behave('held');
    const place = somewhere();
    await ask(asking, {...place, request_id: 'outlives'});
    await eventually(() => nominatim.held === 1, 'the question to the server');
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

  test('of who has left for good nobody hears', async () => {
    const leaver = await Client.connect(gateway.url);
    nominatim.behave('held');
    const place = somewhere();
    await ask(leaver, {...place, request_id: 'gone'});
    await eventually(() => nominatim.held === 1, 'the question to the server');
    leaver.close();
    nominatim.release();
    // The answer is kept all the same.
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
      const gateway = await start(await geocodingConfig({patience_s: 5},
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
    const gateway = await start(await geocodingConfig({},
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
    const gateway = await start(await geocodingConfig({providers: ['streets', 'offline']},
      geocoder('streets', nominatim)));
    const client = await Client.connect(gateway.url);
    await ask(client, {...berlin, request_id: 'r'});
    const last = (await answered(client, 'r')).at(-1);
    assert.deepEqual([last.provider, last.provisional], ['offline', false]);
    assert.match(gateway.output, /addresses streets \(nominatim, http:\/\/127[^)]*\), then offline/);
    await gateway.stop();
    await nominatim.close();
  });
});

describe('a queue that is full', () => {
  test('takes no more, and says so', async () => {
    const nominatim = await NominatimServer.start();
    nominatim.behave('held');
    const gateway = await start(await geocodingConfig({max_waiting: 2, max_at_once: 1,
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
