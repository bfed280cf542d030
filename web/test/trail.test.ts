import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import type { LocationUpdate } from '../client/index.js';
import { clearSelection, select } from '../src/model/selection.js';
import { store } from '../src/model/trackers.js';
import { Trail, kTrailMs, kTrailPoints } from '../src/model/trail.js';
import { extendTrail, reloadTrail, trailOf, watchTrails } from '../src/model/trails.js';

const kStartMs = Date.parse('2026-01-01T12:00:00Z');

function sample(seconds: number, latitude = 0) {
  return { timeMs: kStartMs + seconds * 1_000, latitude, longitude: 0, speedMps: 1 };
}

function position(seconds: number, latitude = 0) {
  const fixTime = new Date(kStartMs + seconds * 1_000).toISOString();
  return { latitude, longitude: 0, speed: 1, fix_time: fixTime };
}

const seconds = (points: ReadonlyArray<{ timeMs: number }>) =>
  points.map((point) => (point.timeMs - kStartMs) / 1_000);

describe('trail', () => {
  it('sorts in what comes late', () => {
    const trail = new Trail();
    for (const at of [10, 30, 20, 40, 0, 25]) expect(trail.add(sample(at))).toBe(true);
    expect(seconds(trail.samples())).toEqual([0, 10, 20, 25, 30, 40]);
  });

  it('takes every time once, as it came first', () => {
    const trail = new Trail();
    trail.add(sample(10, 1));
    trail.add(sample(20));
    expect(trail.add(sample(10, 2))).toBe(false);
    expect(trail.samples().map((point) => point.latitude)).toEqual([1, 0]);
  });

  it('goes back half an hour from its newest point', () => {
    const trail = new Trail();
    const half = kTrailMs / 1_000;
    for (const at of [0, 1, 2]) trail.add(sample(at));
    trail.add(sample(half + 1));
    expect(seconds(trail.samples())).toEqual([1, 2, half + 1]);
    expect(trail.add(sample(0.5))).toBe(false);
    expect(seconds(trail.samples())).toEqual([1, 2, half + 1]);
  });

  it('has so many points and no more, the newest ones, whatever their order', () => {
    for (const step of [1, 7, -1]) {
      const trail = new Trail();
      const count = kTrailPoints + 200;
      for (let at = 0; at < count; at++) {
        trail.add(sample(((at * step + count * count) % count) / 10));
      }
      const times = trail.samples().map((point) => point.timeMs);
      expect(times.length).toBe(kTrailPoints);
      expect(seconds(trail.samples())[0]).toBeCloseTo(20);
      expect(times).toEqual([...times].sort((a, b) => a - b));
    }
  });

  it('does not change what it gave out', () => {
    const trail = new Trail();
    trail.add(sample(1));
    const before = trail.samples();
    trail.add(sample(2));
    expect(before.length).toBe(1);
  });
});

interface Ask {
  url: URL;
  signal: AbortSignal | undefined;
  answer(...positions: object[]): void;
  fail(status: number): void;
}

let asks: Ask[] = [];
let frames: Array<() => void> = [];

function heard(id: string, at: number, latitude = 0): void {
  const update: LocationUpdate = { ...position(at, latitude), tracker_id: id };
  store.applyLocation(update);
  extendTrail(update);
}
const frame = () => frames.splice(0).forEach((run) => run());
const settled = () => new Promise((resolve) => setTimeout(resolve, 0));
const shown = (id: string) => {
  const tracker = store.get(id);
  return tracker ? seconds(trailOf(tracker)) : [];
};
const listed = (...ids: string[]) =>
  store.applyList(
    ids.map((id) => ({
      id,
      name: id,
      category: 'cargo',
      connectivity: 'online' as const,
      motion: 'moving' as const,
      position: position(100),
    })),
  );

describe('the trail of the selected tracker', () => {
  let watching = false;

  beforeEach(() => {
    asks = [];
    frames = [];
    vi.stubGlobal('requestAnimationFrame', (run: () => void) => frames.push(run));
    vi.stubGlobal(
      'fetch',
      (url: string, init: RequestInit) =>
        new Promise<Response>((resolve) => {
          asks.push({
            url: new URL(url, 'http://page.example'),
            signal: init.signal ?? undefined,
            answer: (...positions) =>
              resolve(new Response(JSON.stringify({ positions, next: null }))),
            fail: (status) => resolve(new Response('', { status })),
          });
        }),
    );
    if (!watching) watchTrails();
    watching = true;
    store.retain(() => false);
    clearSelection();
    frame();
    listed('a', 'b');
    frame();
  });
  afterEach(() => vi.unstubAllGlobals());

  it('is asked for once, newest first, as far back as it is shown', async () => {
    select('a', false);
    expect(asks.length).toBe(1);
    expect(asks[0]?.url.pathname).toBe('/api/trackers/a/positions');
    const query = asks[0]?.url.searchParams;
    expect(query?.get('from')).toBe('2026-01-01T11:31:40.000Z');
    expect(query?.get('order')).toBe('desc');
    expect(query?.get('limit')).toBe(String(kTrailPoints));
    asks[0]?.answer(position(100), position(60), position(20));
    await settled();
    expect(shown('a')).toEqual([20, 60, 100]);
    expect(shown('b')).toEqual([]);
    heard('a', 120);
    frame();
    expect(asks.length).toBe(1);
    expect(shown('a')).toEqual([20, 60, 100, 120]);
  });

  it('grows while the past is still on its way, and takes late fixes in', async () => {
    select('a', false);
    heard('a', 130);
    heard('a', 140);
    frame();
    expect(shown('a')).toEqual([100, 130, 140]);
    heard('a', 135);
    expect(shown('a')).toEqual([100, 130, 135, 140]);
    asks[0]?.answer(position(130), position(100), position(50));
    await settled();
    expect(shown('a')).toEqual([50, 100, 130, 135, 140]);
  });

  it('has every fix of a frame', () => {
    select('a', false);
    for (const at of [110, 111, 112]) heard('a', at);
    frame();
    expect(shown('a')).toEqual([100, 110, 111, 112]);
  });

  it('stays what the page has seen itself when the past cannot be had', async () => {
    heard('a', 110);
    frame();
    select('a', false);
    asks[0]?.fail(503);
    await settled();
    expect(shown('a')).toEqual([100, 110]);
    heard('a', 120);
    frame();
    expect(shown('a')).toEqual([100, 110, 120]);
    expect(asks.length).toBe(1);
    reloadTrail();
    asks[1]?.answer(position(90));
    await settled();
    expect(shown('a')).toEqual([90, 100, 110, 120]);
  });

  it('is never that of the tracker selected before', async () => {
    select('a', false);
    select('b', false);
    expect(asks[0]?.signal?.aborted).toBe(true);
    asks[0]?.answer(position(50));
    asks[1]?.answer(position(70));
    await settled();
    expect(shown('a')).toEqual([]);
    expect(shown('b')).toEqual([70, 100]);
    clearSelection();
    expect(shown('b')).toEqual([]);
  });

  it('is not asked for before the list has named the tracker', () => {
    heard('new', 100);
    frame();
    select('new', false);
    expect(asks.length).toBe(0);
    listed('a', 'b', 'new');
    frame();
    expect(asks.length).toBe(1);
  });

  it('is asked for with the first fix of one that was never heard', () => {
    store.applyList([
      { id: 'mute', name: 'mute', category: 'tag', connectivity: 'unknown', motion: 'unknown' },
    ]);
    frame();
    select('mute', false);
    expect(asks.length).toBe(0);
    heard('mute', 5);
    frame();
    expect(asks.length).toBe(1);
    expect(shown('mute')).toEqual([5]);
  });

  it('ends with its tracker', () => {
    select('a', false);
    heard('a', 110);
    frame();
    const tracker = store.get('a');
    store.retain(() => false);
    frame();
    expect(tracker && trailOf(tracker)).toEqual([]);
    expect(asks[0]?.signal?.aborted).toBe(true);
  });
});
