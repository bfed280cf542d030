import { type Fields, asFields, asNumber, asText } from './decode.js';
import type {
  Address,
  GeocodingAnswer,
  GeocodingError,
  GeocodingQueued,
  GeocodingResult,
  GeocodingTaken,
} from './types.js';

// Each gives null for what it cannot use, as those of decode.ts.

const kAddressTexts = [
  'country_code',
  'country',
  'state',
  'city',
  'road',
  'house_number',
  'postcode',
] as const;

export function decodeAddress(value: unknown): Address | null {
  const fields = asFields(value);
  const name = asText(fields?.['display_name']);
  if (!fields || name === undefined) return null;
  const address: Address = { display_name: name };
  for (const key of kAddressTexts) {
    const text = asText(fields[key]);
    if (text !== undefined) address[key] = text;
  }
  for (const key of ['distance_m', 'bearing'] as const) {
    const number = asNumber(fields[key]);
    if (number !== undefined) address[key] = number;
  }
  return address;
}

export function decodeGeocodingAnswer(value: unknown): GeocodingAnswer | null {
  const fields = asFields(value);
  const place = pointOf(fields);
  const address = decodeAddress(fields?.['address']);
  if (!fields || !place || !address) return null;
  return {
    ...place,
    address,
    cached: fields['cached'] === true,
    provider: asText(fields['provider']) ?? '',
    provisional: fields['provisional'] === true,
  };
}

export function decodeGeocodingResult(value: unknown): GeocodingResult | null {
  const answer = decodeGeocodingAnswer(value);
  const request = asText(asFields(value)?.['request_id']);
  return answer && request !== undefined ? { request_id: request, ...answer } : null;
}

export function decodeGeocodingQueued(value: unknown): GeocodingQueued | null {
  const fields = asFields(value);
  const request = asText(fields?.['request_id']);
  const place = pointOf(fields);
  const position = asNumber(fields?.['queue_position']);
  if (request === undefined || !place || position === undefined) return null;
  return { request_id: request, ...place, queue_position: position };
}

export function decodeGeocodingError(value: unknown): GeocodingError | null {
  const fields = asFields(value);
  const request = asText(fields?.['request_id']);
  const code = asText(fields?.['code']);
  if (!fields || request === undefined || code === undefined) return null;
  const error: GeocodingError = {
    request_id: request,
    ...pointOf(fields),
    code,
    message: asText(fields['message']) ?? code,
  };
  const wait = asNumber(fields['retry_after']);
  if (wait !== undefined && wait >= 0) error.retry_after = wait;
  return error;
}

/** Where the server leaves the id out, ours is the one. */
export function decodeGeocodingTaken(value: Fields, ours?: string): GeocodingTaken | null {
  const { status } = value;
  const request = asText(value['request_id']) ?? ours;
  if (request === undefined || (status !== 'answered' && status !== 'queued')) return null;
  return { request_id: request, status };
}

function pointOf(fields: Fields | null): { latitude: number; longitude: number } | null {
  const latitude = asNumber(fields?.['latitude']);
  const longitude = asNumber(fields?.['longitude']);
  return latitude === undefined || longitude === undefined ? null : { latitude, longitude };
}
