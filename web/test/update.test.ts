import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { TrackwireError, type UpdateRequest, type UpdateStatus } from '../client/index.js';
import { type UpdatePhase, isBusy, updateReason, updateWord } from '../src/format/update.js';
import { UpdateAttempts } from '../src/model/update-attempts.js';

interface Question<T> {
  about: string | number;
  socketId: string | undefined;
  answer(value: T): void;
  refuse(code: string, retryAfter?: number): void;
}

let socketId: string | undefined;
let requests: Array<Question<UpdateRequest>>;
let looks: Array<Question<UpdateRequest | null>>;
let phases: ReadonlyMap<string | number, UpdatePhase>;
let desk: UpdateAttempts;

function question<T>(
  list: Array<Question<T>>,
  about: string | number,
  socket?: string,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    list.push({
      about,
      socketId: socket,
      answer: resolve,
      refuse: (code, retryAfter) =>
        reject(
          new TrackwireError({
            code,
            message: code,
            ...(retryAfter === undefined ? {} : { retryAfter }),
          }),
        ),
    });
  });
}

function request(requestId: string, status: UpdateStatus, more: object = {}): UpdateRequest {
  return { requestId, trackerId: 'a', status, ...more };
}

function news(requestId: string, status: UpdateStatus, tracker: string | number = 'a') {
  return { request_id: requestId, tracker_id: tracker, status };
}

function location(requestId: string, tracker: string | number = 'a') {
  const fix = { latitude: 1, longitude: 2, fix_time: '2026-01-01T00:00:00Z' };
  return { tracker_id: tracker, request_id: requestId, ...fix };
}

const phase = (tracker: string | number = 'a') => phases.get(tracker) ?? { kind: 'idle' };
/** Lets time pass, and what only waits for promises happen. */
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

async function asked(requestId = 'r1', more: object = {}): Promise<void> {
  desk.ask('a');
  requests.at(-1)?.answer(request(requestId, 'queued', more));
  await pass(0);
}

beforeEach(() => {
  vi.useFakeTimers();
  socketId = 'socket-1';
  requests = [];
  looks = [];
  phases = new Map();
  desk = new UpdateAttempts(
    {
      socketId: () => socketId,
      request: (tracker, socket) => question(requests, tracker, socket),
      find: (requestId) => question(looks, requestId),
    },
    (next) => (phases = next),
  );
});
afterEach(() => vi.useRealTimers());

describe('an update', () => {
  it('goes from queued by fetching to updated, and rests again after four seconds', async () => {
    desk.ask('a');
    expect(phase()).toEqual({ kind: 'queued' });
    expect(requests[0]).toMatchObject({ about: 'a', socketId: 'socket-1' });
    requests[0]?.answer(request('r1', 'queued'));
    await pass(0);
    expect(phase()).toEqual({ kind: 'queued' });
    desk.takeNews(news('r1', 'fetching'));
    expect(phase()).toEqual({ kind: 'fetching' });
    desk.takeNews(news('r1', 'fetched'));
    expect(phase()).toEqual({ kind: 'updated' });
    await pass(3_999);
    expect(phase()).toEqual({ kind: 'updated' });
    await pass(1);
    expect(phases.size).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is asked for once while it is under way', async () => {
    await asked();
    desk.ask('a');
    desk.ask('a');
    expect(requests.length).toBe(1);
    desk.ask(7);
    expect(requests.map((entry) => entry.about)).toEqual(['a', 7]);
  });

  it('hears of its request before it knows which one it is', async () => {
    desk.ask('a');
    desk.takeNews(news('r1', 'fetching'));
    desk.takeNews(news('other', 'failed'));
    desk.takeNews(news('r1', 'fetched'));
    expect(phase()).toEqual({ kind: 'queued' });
    requests[0]?.answer(request('r1', 'queued'));
    await pass(0);
    expect(phase()).toEqual({ kind: 'updated' });
  });

  it('ignores what is told of other requests and trackers', async () => {
    await asked();
    desk.takeNews(news('r0', 'fetched'));
    desk.takeNews(news('r1', 'fetched', 'b'));
    desk.takeLocation(location('r0'));
    desk.takeLocation(location('r1', 'b'));
    expect(phase()).toEqual({ kind: 'queued' });
    expect(phases.size).toBe(1);
  });

  it('ignores what is late: after its end, and after a new one has begun', async () => {
    await asked();
    desk.takeNews({ ...news('r1', 'failed'), reason: 'timeout' });
    desk.takeNews(news('r1', 'fetched'));
    expect(phase()).toEqual({ kind: 'failed', reason: 'timeout' });
    await asked('r2');
    desk.takeNews(news('r1', 'fetched'));
    expect(phase()).toEqual({ kind: 'queued' });
    desk.takeNews(news('r2', 'fetched'));
    expect(phase()).toEqual({ kind: 'updated' });
  });

  it('never goes back from fetching to queued', async () => {
    await asked();
    desk.takeNews(news('r1', 'fetching'));
    desk.takeNews(news('r1', 'queued'));
    expect(phase()).toEqual({ kind: 'fetching' });
  });

  it('is there when a position says so, even without a status', async () => {
    await asked();
    desk.takeLocation(location('r1'));
    expect(phase()).toEqual({ kind: 'updated' });
  });

  it('tells an unchanged position from a new one', async () => {
    await asked();
    desk.takeNews(news('r1', 'unchanged'));
    expect(phase()).toEqual({ kind: 'unchanged' });
  });

  it('may have failed before it began', async () => {
    desk.ask('a');
    requests[0]?.answer(request('r1', 'failed', { reason: 'no_provider' }));
    await pass(0);
    expect(phase()).toEqual({ kind: 'failed', reason: 'no_provider' });
    await pass(60_000);
    expect(phase()).toEqual({ kind: 'failed', reason: 'no_provider' });
    desk.ask('a');
    expect(phase()).toEqual({ kind: 'queued' });
  });

  it.each([
    ['unauthorized', 'unauthorized'],
    ['forbidden', 'forbidden'],
    ['unreachable', 'unreachable'],
    ['rate_limited', 'too_many_requests'],
  ])('that is refused as %s has failed', async (code, reason) => {
    desk.ask('a');
    requests[0]?.refuse(code, 12);
    await pass(0);
    expect(phase()).toEqual({ kind: 'failed', reason, retryAfter: 12 });
  });
});

describe('waiting for an update', () => {
  it('ends when nothing is heard at all', async () => {
    desk.ask('a');
    await pass(34_999);
    expect(phase()).toEqual({ kind: 'queued' });
    await pass(1);
    expect(phase()).toEqual({ kind: 'failed', reason: 'no_answer' });
    requests[0]?.answer(request('r1', 'fetched'));
    await pass(0);
    expect(phase()).toEqual({ kind: 'failed', reason: 'no_answer' });
  });

  it('asks a last time before it ends', async () => {
    await asked();
    await pass(35_000);
    expect(looks.map((entry) => entry.about)).toEqual(['r1']);
    looks[0]?.answer(request('r1', 'failed', { reason: 'timeout' }));
    await pass(0);
    expect(phase()).toEqual({ kind: 'failed', reason: 'timeout' });
  });

  it('ends five seconds later when that is not answered either', async () => {
    await asked();
    await pass(39_999);
    expect(phase()).toEqual({ kind: 'queued' });
    await pass(1);
    expect(phase()).toEqual({ kind: 'failed', reason: 'no_answer' });
  });

  it('lasts as long as the server wants, within reason', async () => {
    const requestedAt = '2026-01-01T00:00:00.000Z';
    await asked('r1', { requestedAt, deadline: '2026-01-01T00:01:00.000Z' });
    await pass(64_999);
    expect(looks.length).toBe(0);
    await pass(1);
    expect(looks.length).toBe(1);
    desk.forget('a');
    await asked('r2', { requestedAt, deadline: '2027-01-01T00:00:00.000Z' });
    await pass(600_000);
    expect(looks.length).toBe(2);
  });
});

describe('an interrupted connection', () => {
  it('that was resumed asks once and goes on listening', async () => {
    await asked();
    desk.reconnected();
    expect(looks.length).toBe(1);
    looks[0]?.answer(request('r1', 'fetching'));
    await pass(10_000);
    expect(phase()).toEqual({ kind: 'fetching' });
    expect(looks.length).toBe(1);
    desk.takeNews(news('r1', 'fetched'));
    expect(phase()).toEqual({ kind: 'updated' });
  });

  it('that became another one asks until there is a result', async () => {
    await asked();
    socketId = 'socket-2';
    desk.reconnected();
    looks[0]?.answer(request('r1', 'fetching'));
    await pass(2_000);
    looks[1]?.refuse('unreachable');
    await pass(2_000);
    expect(phase()).toEqual({ kind: 'fetching' });
    looks[2]?.answer(request('r1', 'fetched'));
    await pass(0);
    expect(phase()).toEqual({ kind: 'updated' });
    await pass(60_000);
    expect(looks.length).toBe(3);
  });

  it('before the request was answered is noticed then', async () => {
    desk.ask('a');
    socketId = 'socket-2';
    desk.reconnected();
    expect(looks.length).toBe(0);
    requests[0]?.answer(request('r1', 'queued'));
    await pass(2_000);
    looks[0]?.answer(request('r1', 'unchanged'));
    await pass(0);
    expect(phase()).toEqual({ kind: 'unchanged' });
  });

  it('need not stand for an update', async () => {
    socketId = undefined;
    await asked();
    await pass(2_000);
    looks[0]?.answer(request('r1', 'fetched'));
    await pass(0);
    expect(phase()).toEqual({ kind: 'updated' });
  });

  it('finds that the server has forgotten the request, or whoever asked', async () => {
    await asked();
    desk.reconnected();
    looks[0]?.answer(null);
    await pass(0);
    expect(phase()).toEqual({ kind: 'failed', reason: 'lost' });
    await asked('r2');
    desk.reconnected();
    looks[1]?.refuse('forbidden');
    await pass(0);
    expect(phase()).toEqual({ kind: 'failed', reason: 'forbidden' });
  });

  it('does not wake what has ended', async () => {
    await asked();
    desk.takeNews(news('r1', 'fetched'));
    desk.reconnected();
    expect(looks.length).toBe(0);
  });
});

describe('what is shown of updates', () => {
  it('goes with the selection when it is over, and stays while it is not', async () => {
    await asked();
    desk.ask(7);
    requests[1]?.refuse('unreachable');
    await pass(0);
    desk.dismiss(7);
    expect([...phases.keys()]).toEqual(['a', 7]);
    desk.dismiss('b');
    expect([...phases.keys()]).toEqual(['a']);
  });

  it('is gone with the tracker, or with who asked', async () => {
    await asked();
    desk.forget('a');
    desk.takeNews(news('r1', 'fetched'));
    expect(phases.size).toBe(0);
    desk.ask('b');
    desk.clear();
    requests.at(-1)?.answer(request('r9', 'fetched'));
    await pass(60_000);
    expect(phases.size).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('has words for every state and every reason', () => {
    const words = (['idle', 'queued', 'fetching', 'updated', 'unchanged'] as const).map((kind) =>
      updateWord({ kind }),
    );
    expect(words).toEqual(['Update now', 'Queued', 'Asking provider', 'Updated', 'Nothing newer']);
    expect(updateWord({ kind: 'failed', reason: 'timeout' })).toBe('Try again');
    expect(isBusy({ kind: 'fetching' })).toBe(true);
    expect(isBusy({ kind: 'updated' })).toBe(false);
    const unknown = updateReason('a reason of tomorrow');
    expect(unknown).toBe('That did not work.');
    expect(updateReason('constructor')).toBe(unknown);
    const reasons = [
      ...['unknown_tracker', 'no_provider', 'unsupported', 'provider_unavailable'],
      ...['rate_limited', 'no_fix', 'timeout', 'queue_full', 'cancelled', 'no_answer', 'lost'],
      ...['unauthorized', 'forbidden', 'unreachable', 'unavailable', 'too_many_requests'],
    ].map((reason) => updateReason(reason));
    expect(reasons).not.toContain(unknown);
    expect(new Set(reasons).size).toBe(reasons.length);
    expect(updateReason('too_many_requests', 12)).toBe('Too many requests. Try again in 12 s.');
  });
});
