import { Provider } from '../../integration/lib/providers.mjs';
import { startGateway } from './gateway.mjs';

/** Somebody's Nominatim: its reverse search, with a house on every spot of the earth. */
export class Nominatim extends Provider {
  /** The tags of languages that were asked for, in their order. */
  languages = [];

  answer(_request, response, { pathname, searchParams }) {
    if (pathname !== '/reverse') return response.writeHead(404).end();
    const latitude = Number(searchParams.get('lat'));
    const longitude = Number(searchParams.get('lon'));
    this.languages.push(searchParams.get('accept-language'));
    const body = JSON.stringify(houseAt(latitude, longitude));
    response.writeHead(200, { 'Content-Type': 'application/json; charset=utf-8' });
    return response.end(body);
  }
}

/** Its number comes from the latitude, so that every tenth of a kilometre has another one. */
export function houseNumber(latitude) {
  return String(Math.round(Math.abs(latitude) * 1_000) % 1_000);
}

function houseAt(latitude, longitude) {
  const number = houseNumber(latitude);
  const half = 0.0001;
  return {
    place_id: 1_000_000 + Number(number),
    licence: 'Data © OpenStreetMap contributors, ODbL 1.0.',
    osm_type: 'way',
    osm_id: 4_000_000 + Number(number),
    lat: latitude.toFixed(7),
    lon: longitude.toFixed(7),
    category: 'building',
    type: 'yes',
    place_rank: 30,
    importance: 0.00005,
    addresstype: 'building',
    name: '',
    display_name:
      `${number}, Quay Road, Old Docks, Northside, Testhaven, Testshire, ` +
      'England, TE5 7ST, United Kingdom',
    address: {
      house_number: number,
      road: 'Quay Road',
      suburb: 'Northside',
      city: 'Testhaven',
      county: 'Testshire',
      state: 'England',
      postcode: 'TE5 7ST',
      country: 'United Kingdom',
      country_code: 'gb',
    },
    boundingbox: [latitude - half, latitude + half, longitude - half, longitude + half].map(String),
  };
}

/**
 * A gateway without ships that asks a Nominatim of its own, one place at a time and without a
 * second try. `geocoding` are more lines of that section of the configuration.
 */
export async function startWithNominatim(geocoding = [], settings = {}) {
  const nominatim = await Nominatim.start();
  const config = `[geocoding]
providers = ["nominatim:local"]
max_at_once = 1
${geocoding.join('\n')}

[[geocoders]]
name = "nominatim:local"
kind = "nominatim"
url = "${nominatim.url}"
allow_private = true
requests_per_second = 1000
timeout_s = 60
retries = 0
breaker_failures = 1000
`;
  const gateway = await startGateway(settings, { config, demo: false });
  return { gateway, nominatim };
}
