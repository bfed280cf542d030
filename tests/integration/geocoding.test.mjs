// Addresses without a network: what a client that asks is told, and what is refused.

import assert from 'node:assert/strict';
import {after, before, describe, test} from 'node:test';

import {Client} from './lib/client.mjs';
import {Gateway, run} from './lib/gateway.mjs';
import {
  answered, ask, atSea, berlin, geocodingConfig, payloads, settled, startGeocoding, told,
} from './lib/geocoders.mjs';
import {graphql} from './lib/updates.mjs';
import {eventually} from './lib/wait.mjs';

describe('without a server', () => {
  let gateway;
  let client;
  before(async () => {
    gateway = await startGeocoding();
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
    const gateway = await startGeocoding(null, '--set', 'geocoding.index=/nowhere/geocoding.bin');
    await gateway.logged(/addresses cannot be found offline/);
    assert.match(gateway.output, /addresses from nobody/);
    const client = await Client.connect(gateway.url);
    const {error} = await ask(client, {...berlin, request_id: 'r'});
    assert.equal(error.code, 'provider_unavailable');
    await eventually(() => told(client, 'r').length > 0, 'the event behind the ack');
    assert.deepEqual(told(client, 'r'), ['error provider_unavailable']);
    const {status, body} = await gateway.get('/api/geocode/reverse?latitude=52&longitude=13');
    assert.deepEqual([status, body.error.code], [503, 'provider_unavailable']);
    await gateway.stop();
  });
});

describe('switched off', () => {
  test('there is neither event nor route', async () => {
    const gateway = await startGeocoding(null, '--set', 'geocoding.enabled=false');
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
