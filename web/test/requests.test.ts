import { afterEach, describe, expect, it, vi } from 'vitest';

import {
  TrackwireError,
  askGraphql,
  fetchPositions,
  fetchUpdate,
  requestUpdate,
} from '../client/index.js';
import { decodePositionPage, decodeUpdateNews, decodeUpdateRequest } from '../client/decode.js';
import { wireId } from '../client/wire-id.js';

interface Sent {
  url: URL;
  init: RequestInit;
  body: { query: string; variables: Record<string, unknown> };
}

let sent: Sent | undefined;

function answerWith(body: unknown, status = 200, headers: Record<string, string> = {}): void {
  vi.stubGlobal('fetch', (url: string, init: RequestInit) => {
    const text = typeof init.body === 'string' ? init.body : '{}';
    sent = {
      url: new URL(url, 'http://page.example'),
      init,
      body: JSON.parse(text) as Sent['body'],
    };
    const answer = typeof body === 'string' ? body : JSON.stringify(body);
    return Promise.resolve(new Response(answer, { status, headers }));
  });
}

async function refusal(question: Promise<unknown>): Promise<TrackwireError> {
  const error: unknown = await question.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof TrackwireError) return error;
  throw new Error('it was not refused');
}

afterEach(() => {
  vi.unstubAllGlobals();
  sent = undefined;
});

describe('GraphQL', () => {
  it('gives the data of an answer without errors', async () => {
    answerWith({ data: { me: { user: 'ada' } } });
    expect(await askGraphql('{ me { user } }', { a: 1 })).toEqual({ me: { user: 'ada' } });
    expect(sent?.url.pathname).toBe('/graphql');
    expect(sent?.init.method).toBe('POST');
    expect(sent?.init.credentials).toBe('include');
    expect(sent?.init.headers).toMatchObject({ 'content-type': 'application/json' });
    expect(sent?.body).toEqual({ query: '{ me { user } }', variables: { a: 1 } });
  });

  it('fails with the code of the first error, whatever the status', async () => {
    const errors = [{ message: 'the role admin is needed', extensions: { code: 'forbidden' } }];
    answerWith({ errors, data: { sessions: null } });
    const error = await refusal(askGraphql('{ sessions { id } }', {}));
    expect([error.code, error.message]).toEqual(['forbidden', 'the role admin is needed']);
    const slow = { message: 'slow down', extensions: { code: 'rate_limited', retry_after: 7 } };
    answerWith({ errors: [slow] }, 429);
    expect(await refusal(askGraphql('{ me }', {}))).toMatchObject({
      code: 'rate_limited',
      retryAfter: 7,
    });
  });

  it('fails for answers that are not GraphQL, and for none', async () => {
    answerWith('<html>', 502);
    expect((await refusal(askGraphql('{ me }', {}))).code).toBe('unexpected');
    answerWith('', 429, { 'retry-after': '3' });
    expect(await refusal(askGraphql('{ me }', {}))).toMatchObject({
      code: 'rate_limited',
      retryAfter: 3,
    });
    answerWith([1]);
    expect((await refusal(askGraphql('{ me }', {}))).code).toBe('unexpected');
    vi.stubGlobal('fetch', () => Promise.reject(new TypeError('down')));
    expect((await refusal(askGraphql('{ me }', {}))).code).toBe('unreachable');
  });
});

describe('update requests', () => {
  const answered = {
    requestId: 'r1',
    trackerId: '7',
    status: 'FETCHING',
    reason: null,
    requestedAt: '2026-01-01T00:00:00.000Z',
    deadline: '2026-01-01T00:00:30.000Z',
  };

  it('name tracker and socket', async () => {
    answerWith({ data: { updateTrackerLocation: answered } });
    expect(await requestUpdate(7, 'socket')).toEqual({
      requestId: 'r1',
      trackerId: '7',
      status: 'fetching',
      requestedAt: '2026-01-01T00:00:00.000Z',
      deadline: '2026-01-01T00:00:30.000Z',
    });
    expect(sent?.body.variables).toEqual({ tracker: '7', socket: 'socket' });
    await requestUpdate('7');
    expect(sent?.body.variables).toEqual({ tracker: '"7"', socket: null });
  });

  it('can be looked for', async () => {
    answerWith({ data: { updateRequest: { ...answered, status: 'FAILED', reason: 'no_fix' } } });
    expect(await fetchUpdate('r1')).toMatchObject({ status: 'failed', reason: 'no_fix' });
    expect(sent?.body.variables).toEqual({ id: 'r1' });
    answerWith({ data: { updateRequest: null } });
    expect(await fetchUpdate('r2')).toBeNull();
  });

  it('are not taken from answers that are none', async () => {
    answerWith({ data: { updateTrackerLocation: { ...answered, status: 'LOST' } } });
    expect((await refusal(requestUpdate(7))).code).toBe('unexpected');
    expect(decodeUpdateRequest({ ...answered, requestId: '' })).toBeNull();
    expect(decodeUpdateRequest(null)).toBeNull();
  });

  it('are told of by events', () => {
    const event = { request_id: 'r1', tracker_id: 7, status: 'failed', reason: 'timeout' };
    expect(decodeUpdateNews({ ...event, more: 1 })).toEqual(event);
    expect(decodeUpdateNews({ ...event, status: 'gone' })).toBeNull();
    expect(decodeUpdateNews({ ...event, tracker_id: null })).toBeNull();
    expect(decodeUpdateNews({ ...event, request_id: 5 })).toBeNull();
    expect(decodeUpdateNews('failed')).toBeNull();
  });
});

describe('past positions', () => {
  const position = { latitude: 1, longitude: 2, fix_time: '2026-01-01T00:00:00.000Z' };

  it('are asked for by time and page', async () => {
    answerWith({ positions: [position, { latitude: 99 }], next: 'c1' });
    const page = await fetchPositions(
      'Å/1',
      { from: 0, to: 1_000, limit: 5, after: 'c0', newestFirst: true, anonymous: true },
      'http://other.example',
    );
    expect(page).toEqual({ positions: [position], next: 'c1' });
    expect(sent?.url.href).toBe(
      'http://other.example/api/trackers/%C3%85%2F1/positions?from=1970-01-01T00%3A00%3A00.000Z' +
        '&to=1970-01-01T00%3A00%3A01.000Z&limit=5&after=c0&order=desc',
    );
    expect(sent?.init.credentials).toBe('omit');
  });

  it('have an end, and may not be there', async () => {
    const empty = { positions: [], next: null };
    expect(decodePositionPage(empty)).toEqual(empty);
    expect(decodePositionPage({ positions: {} })).toBeNull();
    answerWith({ error: { code: 'unknown_tracker', message: 'm' } }, 404);
    expect((await refusal(fetchPositions(1))).code).toBe('unknown_tracker');
    answerWith({ trackers: [] });
    expect((await refusal(fetchPositions(1))).code).toBe('unexpected');
  });
});

describe('ids on the way', () => {
  it('stay what they are', () => {
    expect(wireId(7)).toBe('7');
    expect(wireId('7')).toBe('"7"');
    expect(wireId('-7e3')).toBe('"-7e3"');
    expect(wireId('"7"')).toBe('"\\"7\\""');
    expect(wireId('ship 7')).toBe('ship 7');
    expect(wireId('null')).toBe('null');
    expect(wireId('{}')).toBe('{}');
  });
});
