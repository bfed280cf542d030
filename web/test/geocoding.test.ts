import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import {
  type ClientHandlers,
  TrackwireClient,
  TrackwireError,
  fetchAddress,
  fetchAttributions,
} from '../client/index.js';

type Listener = (value: unknown) => void;

const fake = vi.hoisted(() => ({
  listeners: new Map<string, Listener[]>(),
  emitted: [] as Array<{ event: string; payload: unknown }>,
  answer: undefined as unknown,
  connected: true,
}));

vi.mock('socket.io-client', () => ({
  io: () => ({
    get connected() {
      return fake.connected;
    },
    io: { on: () => undefined },
    on: (event: string, listener: Listener) =>
      fake.listeners.set(event, [...(fake.listeners.get(event) ?? []), listener]),
    timeout: () => ({
      emitWithAck: (event: string, payload: unknown) => {
        fake.emitted.push({ event, payload });
        return fake.answer instanceof Error
          ? Promise.reject(fake.answer)
          : Promise.resolve(fake.answer);
      },
    }),
  }),
}));

const kPlace = { latitude: 50.1, longitude: 14.4 };
const kAddress = {
  display_name: '1, Main Street, Prague',
  country_code: 'CZ',
  city: 'Prague',
  house_number: '1',
  distance_m: 12.5,
};
const kResult = {
  request_id: 'r1',
  ...kPlace,
  address: kAddress,
  cached: true,
  provider: 'nominatim',
  provisional: false,
};

let heard: Array<[string, unknown]>;
let client: TrackwireClient;

function tell(event: string, value: unknown): void {
  for (const listener of fake.listeners.get(event) ?? []) listener(value);
}

async function refusal(question: Promise<unknown>): Promise<TrackwireError> {
  const error: unknown = await question.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof TrackwireError) return error;
  throw new Error('it was not refused');
}

beforeEach(() => {
  fake.listeners.clear();
  fake.emitted.length = 0;
  fake.connected = true;
  heard = [];
  const handlers: ClientHandlers = {
    geocodingQueued: (value) => heard.push(['queued', value]),
    geocodingResult: (value) => heard.push(['result', value]),
    geocodingError: (value) => heard.push(['error', value]),
  };
  client = new TrackwireClient(handlers);
});
afterEach(() => vi.unstubAllGlobals());

describe('a request for an address', () => {
  it('is sent as it is, and answered with how it stands', async () => {
    fake.answer = { request_id: 'r1', status: 'queued' };
    const request = { ...kPlace, language: 'cs', request_id: 'r1' };
    expect(await client.requestGeocoding(request)).toEqual({ request_id: 'r1', status: 'queued' });
    expect(fake.emitted).toEqual([{ event: 'request_geocoding', payload: request }]);
    fake.answer = { request_id: 'made-by-the-server', status: 'answered' };
    expect((await client.requestGeocoding(kPlace)).request_id).toBe('made-by-the-server');
  });

  it('is refused with the code of the server', async () => {
    fake.answer = { error: { code: 'rate_limited', message: 'slower', retry_after: 3 } };
    expect(await refusal(client.requestGeocoding(kPlace))).toMatchObject({
      code: 'rate_limited',
      retryAfter: 3,
    });
  });

  it.each([[{}], [{ request_id: 'r1' }], [{ request_id: 'r1', status: 'maybe' }], ['yes'], [null]])(
    'has no use for the answer %o',
    async (answer) => {
      fake.answer = answer;
      expect((await refusal(client.requestGeocoding(kPlace))).code).toBe('unexpected');
    },
  );

  it('fails without a connection, and when nobody answers', async () => {
    fake.answer = new Error('operation has timed out');
    expect((await refusal(client.requestGeocoding(kPlace))).code).toBe('timeout');
    fake.connected = false;
    expect((await refusal(client.requestGeocoding(kPlace))).code).toBe('not_connected');
  });
});

describe('what is told of it', () => {
  it('reaches its handlers', () => {
    const queued = { request_id: 'r1', ...kPlace, queue_position: 3 };
    const error = { request_id: 'r1', ...kPlace, code: 'queue_full', message: 'full' };
    tell('geocoding_queued', queued);
    tell('geocoding_result', kResult);
    tell('geocoding_error', { ...error, retry_after: 5 });
    tell('geocoding_error', { request_id: 'r2', code: 'invalid_request' });
    expect(heard).toEqual([
      ['queued', queued],
      ['result', kResult],
      ['error', { ...error, retry_after: 5 }],
      ['error', { request_id: 'r2', code: 'invalid_request', message: 'invalid_request' }],
    ]);
  });

  it('is dropped when it is not what its name promises', () => {
    tell('geocoding_queued', { request_id: 'r1', ...kPlace });
    tell('geocoding_queued', { ...kPlace, queue_position: 3 });
    tell('geocoding_queued', { request_id: 'r1', latitude: 1, queue_position: 3 });
    tell('geocoding_result', { ...kResult, address: {} });
    tell('geocoding_result', { ...kResult, address: 'Prague' });
    tell('geocoding_result', { ...kResult, request_id: 7 });
    tell('geocoding_error', { request_id: 'r1' });
    for (const nothing of [null, undefined, 'text', []]) {
      for (const name of ['queued', 'result', 'error']) tell(`geocoding_${name}`, nothing);
    }
    expect(heard).toEqual([]);
  });

  it('keeps of an address what is usable', () => {
    const address = { display_name: 'Prague', city: 7, road: '', state: null, bearing: 'north' };
    tell('geocoding_result', { ...kResult, address, cached: 'yes', provisional: 1, provider: 3 });
    const plain = { address: { display_name: 'Prague' }, cached: false, provisional: false };
    expect(heard).toEqual([['result', { ...kResult, ...plain, provider: '' }]]);
  });
});

describe('over HTTP', () => {
  let url: URL;

  function answerWith(body: unknown, status = 200): void {
    vi.stubGlobal('fetch', (target: string) => {
      url = new URL(target, 'http://page.example');
      return Promise.resolve(new Response(JSON.stringify(body), { status }));
    });
  }

  it('an address is one request', async () => {
    const { request_id: _, ...answer } = kResult;
    answerWith(answer);
    expect(await fetchAddress({ ...kPlace, language: 'pt-BR' })).toEqual(answer);
    expect(url.pathname).toBe('/api/geocode/reverse');
    expect(Object.fromEntries(url.searchParams)).toEqual({
      latitude: '50.1',
      longitude: '14.4',
      language: 'pt-BR',
    });
  });

  it('says why there is none', async () => {
    answerWith({ error: { code: 'not_found', message: 'open sea' } }, 404);
    expect((await refusal(fetchAddress(kPlace))).code).toBe('not_found');
    answerWith({ address: null });
    expect((await refusal(fetchAddress(kPlace))).code).toBe('unexpected');
  });

  it('tells whose data it is, with links that are some', async () => {
    const osm = { text: '© OSM', url: 'https://osm.example/copyright', licence: 'ODbL' };
    const odd = { text: 'Odd', url: 'javascript:alert(1)' };
    answerWith({ attributions: [osm, odd, { url: 'https://x.example' }, 'GeoNames', null] });
    expect(await fetchAttributions()).toEqual([osm, { text: 'Odd' }]);
    expect(url.pathname).toBe('/api/geocode/attribution');
    answerWith({});
    expect(await fetchAttributions()).toEqual([]);
  });
});
