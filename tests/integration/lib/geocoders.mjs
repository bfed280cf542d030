// Servers that know addresses, as Nominatim and Photon answer: what they are asked decides what
// they say, so that an answer tells for which place it was made. Each can be told to be slow or
// broken, as every provider of ./providers.mjs.

import {writeFile} from 'node:fs/promises';
import {join} from 'node:path';

import {Gateway, temporaryDirectory} from './gateway.mjs';
import {Provider} from './providers.mjs';
import {eventually} from './wait.mjs';

/** The house number of a place: another one in each cell of four decimals. */
export const houseOf = (latitude, longitude) =>
  `${Math.round((Number(latitude) + 90) * 1e4)}-${Math.round((Number(longitude) + 180) * 1e4)}`;

const send = (response, status, value) =>
  response.writeHead(status, {'Content-Type': 'application/json; charset=utf-8'})
    .end(JSON.stringify(value));

/** `GET /reverse` with format=jsonv2. Nothing is known of what lies south of the equator. */
export class NominatimServer extends Provider {
  /** What it calls the country, by the first language that it is asked for. */
  countries = {en: 'Germany', de: 'Deutschland', fr: 'Allemagne'};

  static kind = 'nominatim';

  /** Places that were asked for, as `lat,lon`. */
  get asked() {
    return this.requests.map(({path}) => {
      const {searchParams} = new URL(path, this.url);
      return `${searchParams.get('lat')},${searchParams.get('lon')}`;
    });
  }

  answer(request, response, {pathname, searchParams}) {
    if (pathname !== '/reverse') return send(response, 404, {error: 'no such thing'});
    const lat = searchParams.get('lat');
    const lon = searchParams.get('lon');
    if (Number(lat) < 0) return send(response, 200, {error: 'Unable to geocode'});
    const language = searchParams.get('accept-language') ?? 'en';
    const house = houseOf(lat, lon);
    const country = this.countries[language] ?? this.countries.en;
    send(response, 200, {
      place_id: 133_217, licence: 'Data of a test', osm_type: 'way', osm_id: 34_633_854,
      lat, lon, category: 'building', type: 'house', place_rank: 30, importance: 0.00000999,
      addresstype: 'building', name: '', display_name: `${house}, Test Road, Testville, ${country}`,
      address: {house_number: house, road: 'Test Road', suburb: 'Middle', city: 'Testville',
        state: 'Testland', 'ISO3166-2-lvl4': 'DE-TT', postcode: '10178', country,
        country_code: 'de'},
      boundingbox: [lat, lat, lon, lon],
    });
  }
}

/** `GET /reverse`, answered as GeoJSON; it refuses parameters that it does not know. */
export class PhotonServer extends Provider {
  static kind = 'photon';

  answer(request, response, {pathname, searchParams}) {
    const known = ['lat', 'lon', 'radius', 'limit', 'lang', 'layer', 'distance_sort', 'dedupe'];
    const strange = [...searchParams.keys()].find((name) => !known.includes(name));
    if (strange) return send(response, 400, {message: `unknown query parameter '${strange}'`});
    if (pathname !== '/reverse') return send(response, 404, {message: 'no such thing'});
    const lat = Number(searchParams.get('lat'));
    const lon = Number(searchParams.get('lon'));
    if (lat < 0) return send(response, 200, {type: 'FeatureCollection', features: []});
    send(response, 200, {type: 'FeatureCollection', features: [{
      type: 'Feature',
      geometry: {type: 'Point', coordinates: [lon, lat]},
      properties: {osm_type: 'W', osm_id: 5, osm_key: 'building', osm_value: 'yes', type: 'house',
        housenumber: houseOf(lat, lon), street: 'Photon Street', city: 'Lightville',
        state: 'Testland', postcode: '10179', country: 'Germany', countrycode: 'DE'},
    }]});
  }
}

/** How a server is asked in these tests: quickly. */
export function geocoder(name, server, more = {}) {
  return {name, kind: server.constructor.kind, url: server.url, allow_private: true,
    requests_per_second: 1000, concurrency: 4, timeout_s: 20, retries: 0, ...more};
}

const text = (table) =>
  Object.entries(table).map(([key, value]) => `${key} = ${JSON.stringify(value)}`).join('\n');

/** A file with `[geocoding]` and these `[[geocoders]]`, asked in this order; its path. */
export async function geocodingConfig(geocoding, ...geocoders) {
  const names = geocoders.map(({name}) => name);
  const keys = {...(names.length > 0 && {providers: names}), ...geocoding};
  const parts = [`[geocoding]\n${text(keys)}`,
    ...geocoders.map((one) => `[[geocoders]]\n${text(one)}`)];
  const file = join(await temporaryDirectory(), 'trackwire.toml');
  await writeFile(file, `${parts.join('\n\n')}\n`);
  return file;
}

const events = ['geocoding_queued', 'geocoding_result', 'geocoding_error'];

/** What a client was told of a request: `queued`, `provisional`, `final`, `error CODE`. */
export function told(client, requestId) {
  return client.events
    .filter(({name, args}) => events.includes(name) && args[0].request_id === requestId)
    .map(({name, args: [{code, provisional}]}) => {
      if (name === 'geocoding_error') return `error ${code}`;
      if (name === 'geocoding_queued') return 'queued';
      return provisional ? 'provisional' : 'final';
    });
}

/** The payloads of a client's request. */
export const payloads = (client, requestId) =>
  client.events.filter(({name, args}) => events.includes(name) && args[0].request_id === requestId)
    .map(({args}) => args[0]);

/** Asks with an ack; what that says. */
export const ask = (client, question) =>
  client.socket.timeout(30_000).emitWithAck('request_geocoding', question);

/** Whether a request has had its last word. */
export const settled = (client, requestId) =>
  told(client, requestId).some((word) => word === 'final' || word.startsWith('error'));

/** What a request was told, once it has had its last word. */
export async function answered(client, requestId) {
  await eventually(() => settled(client, requestId), `the answer to ${requestId}`);
  return payloads(client, requestId);
}

/** Without limits that a test could reach by accident. */
export const unlimited =
  ['geocoding_session', 'geocoding_user', 'geocoding_address', 'event_session'].flatMap((name) =>
    ['--set', `rate_limits.${name}_per_second=0`]);

/** A gateway that finds addresses by this configuration file, if there is one. */
export const startGeocoding = (config, ...more) =>
  Gateway.start([...(config ? ['--config', config] : []), '--threads', '2', ...unlimited, ...more]);

let fresh = 0;
/** Another place each time, on land north of the equator: nothing is known of it. */
export function somewhere() {
  ++fresh;
  return {latitude: 45 + fresh % 500 * 0.01, longitude: 11.5 + Math.floor(fresh / 500) * 0.01};
}

export const berlin = {latitude: 52.5186789, longitude: 13.3761234};
export const atSea = {latitude: -44.123456, longitude: -30.5};
