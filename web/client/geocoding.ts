import { asFields, asList, asText } from './decode.js';
import { TrackwireError } from './error.js';
import { decodeGeocodingAnswer } from './geocoding-decode.js';
import { type Presented, askJson, requestOf } from './http.js';
import type { Attribution, GeocodingAnswer, PlaceQuestion } from './types.js';

/**
 * The address of a point, for who has no connection to be told over, or wants to wait for the final
 * answer in one request.
 *
 * Throws a TrackwireError: `not_found` where nothing has an address, `invalid_request`,
 * `rate_limited`, `queue_full`, `provider_unavailable`, `unreachable` ...
 */
export async function fetchAddress(
  { latitude, longitude, language }: PlaceQuestion,
  base = '',
  presented: Presented = {},
): Promise<GeocodingAnswer> {
  const query = new URLSearchParams({
    latitude: String(latitude),
    longitude: String(longitude),
    ...(language === undefined ? {} : { language }),
  });
  const answer = await askJson(`${base}/api/geocode/reverse?${query}`, requestOf(presented));
  const decoded = decodeGeocodingAnswer(answer);
  if (decoded) return decoded;
  throw new TrackwireError({ code: 'unexpected', message: 'the answer holds no address' });
}

/**
 * Whose data the addresses of this server are made of. What their licences ask for has to be shown
 * wherever an address is. Throws a TrackwireError: `not_found` from a server without addresses ...
 */
export async function fetchAttributions(
  base = '',
  presented: Presented = {},
): Promise<Attribution[]> {
  const answer = asFields(await askJson(`${base}/api/geocode/attribution`, requestOf(presented)));
  return asList(answer?.['attributions']).flatMap((entry) => decodeAttribution(entry) ?? []);
}

function decodeAttribution(value: unknown): Attribution | undefined {
  const fields = asFields(value);
  const text = asText(fields?.['text']);
  if (!fields || text === undefined) return undefined;
  const attribution: Attribution = { text };
  const url = asText(fields['url']);
  if (url !== undefined && /^https?:\/\//i.test(url)) attribution.url = url;
  const licence = asText(fields['licence']);
  if (licence !== undefined) attribution.licence = licence;
  return attribution;
}
