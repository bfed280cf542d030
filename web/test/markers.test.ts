import { describe, expect, it } from 'vitest';

import { Status } from '../src/format/words.js';
import { boundsOf } from '../src/map/bounds.js';
import { drawOrder } from '../src/map/index-list.js';
import { MarkerBuffer, kGlideSeconds, kOffset, kStride } from '../src/map/marker-buffer.js';
import { splitHighLow, toMercator, visibleCopies } from '../src/map/mercator.js';
import { pick } from '../src/map/picking.js';
import type { Tracker } from '../src/model/tracker.js';

const kZoom17Px = 512 * 2 ** 17;

function state(longitude: number, latitude = 0, status = Status.kMoving) {
  return { ...toMercator(longitude, latitude), course: 90, status };
}

describe('high and low parts', () => {
  // The shader's arithmetic, in the shader's precision.
  function shaderPixels(x: number, center: number): number {
    const f = Math.fround;
    const [high, low] = splitHighLow(x);
    const [centerHigh, centerLow] = splitHighLow(center);
    return f(f(f(high - centerHigh) + f(low - centerLow)) * f(kZoom17Px));
  }

  it('keep a hundredth of a pixel at zoom 17', () => {
    for (const longitude of [-179.99, -122.4419, 0.00001, 13.37, 179.99]) {
      const center = toMercator(longitude, 0).x;
      for (const metres of [0, 0.5, 7, 300]) {
        const x = center + metres / 40_075_016.686;
        const wanted = (x - center) * kZoom17Px;
        expect(Math.abs(shaderPixels(x, center) - wanted)).toBeLessThan(0.01);
      }
    }
  });

  it('would lose whole pixels with the high part alone', () => {
    const center = toMercator(-122.4419, 0).x;
    const x = center + 1 / 40_075_016.686;
    const error = Math.abs(
      (Math.fround(x) - Math.fround(center)) * kZoom17Px - (x - center) * kZoom17Px,
    );
    expect(error).toBeGreaterThan(0.5);
  });
});

describe('world copies', () => {
  it('cover the view', () => {
    expect(visibleCopies(0.5, 100, 100, 1_000)).toEqual([0]);
    expect(visibleCopies(0.05, 100, 100, 1_000)).toEqual([-1, 0]);
    expect(visibleCopies(0.5, 900, 900, 512)).toEqual([-2, -1, 0, 1, 2]);
  });
});

describe('marker buffer', () => {
  it('glides the short way across the antimeridian', () => {
    const markers = new MarkerBuffer();
    markers.reserve(1);
    markers.set(0, state(179.9), false, 0);
    markers.set(0, state(-179.9), true, 10);
    const start = markers.drawnAt(0, 10);
    const end = markers.drawnAt(0, 10 + kGlideSeconds);
    expect(Math.abs(end.x - start.x)).toBeCloseTo(0.2 / 360, 9);
    expect(end.x).toBeCloseTo(toMercator(-179.9, 0).x, 12);
  });

  it('starts a new glide where the marker is drawn', () => {
    const markers = new MarkerBuffer();
    markers.reserve(1);
    markers.set(0, state(0), false, 0);
    markers.set(0, state(10), true, 0);
    const midway = markers.drawnAt(0, kGlideSeconds / 2);
    markers.set(0, state(0), true, kGlideSeconds / 2);
    expect(markers.drawnAt(0, kGlideSeconds / 2).x).toBeCloseTo(midway.x, 6);
  });

  it('jumps without a glide and on the first fix', () => {
    const markers = new MarkerBuffer();
    markers.reserve(2);
    markers.set(0, state(0), false, 0);
    markers.set(0, state(10), false, 1);
    expect(markers.drawnAt(0, 1).x).toBe(toMercator(10, 0).x);
    markers.set(1, state(20), true, 1);
    expect(markers.drawnAt(1, 1).x).toBe(toMercator(20, 0).x);
  });

  it('never goes beyond its target', () => {
    const markers = new MarkerBuffer();
    markers.reserve(1);
    markers.set(0, state(0), false, 0);
    markers.set(0, state(1), true, 0);
    expect(markers.drawnAt(0, 1_000).x).toBe(toMercator(1, 0).x);
  });

  it('recolours without ending a glide', () => {
    const markers = new MarkerBuffer();
    markers.reserve(1);
    markers.set(0, state(0), false, 0);
    markers.set(0, state(10), true, 0);
    const before = markers.drawnAt(0, 0.4).x;
    markers.setStatus(0, Status.kOffline);
    expect(markers.drawnAt(0, 0.4).x).toBe(before);
    expect(new DataView(markers.buffer).getUint8(kOffset.kind)).toBe(Status.kOffline);
  });

  it('gives dirty blocks back joined, and once', () => {
    const markers = new MarkerBuffer();
    markers.reserve(1_000);
    markers.takeDirtyRuns();
    for (const slot of [0, 64, 300]) markers.set(slot, state(0), false, 0);
    const block = 64 * kStride;
    expect(markers.takeDirtyRuns()).toEqual([
      { offset: 0, length: 2 * block },
      { offset: 4 * block, length: block },
    ]);
    expect(markers.takeDirtyRuns()).toEqual([]);
  });

  it('keeps what it holds when it grows', () => {
    const markers = new MarkerBuffer();
    markers.reserve(1);
    markers.set(0, state(12), false, 0);
    expect(markers.reserve(100_000)).toBe(true);
    expect(markers.reserve(100)).toBe(false);
    expect(markers.has(0)).toBe(true);
    expect(markers.target(0).x).toBe(toMercator(12, 0).x);
  });
});

describe('picking', () => {
  const camera = {
    ...toMercator(180, 0),
    originX: 400,
    originY: 300,
    width: 800,
    height: 600,
    worldPx: 512 * 2 ** 10,
    zoom: 10,
  };

  it('finds markers on both sides of the antimeridian', () => {
    const markers = new MarkerBuffer();
    markers.reserve(2);
    markers.set(0, state(179.95), false, 0);
    markers.set(1, state(-179.95), false, 0);
    const offset = (0.05 / 360) * camera.worldPx;
    const slots = Uint32Array.of(0, 1);
    expect(pick(markers, slots, camera, { x: 400 - offset, y: 300 }, 14, 0)).toBe(0);
    expect(pick(markers, slots, camera, { x: 400 + offset, y: 300 }, 14, 0)).toBe(1);
    expect(pick(markers, slots, camera, { x: 400, y: 300 }, 14, 0)).toBeUndefined();
  });

  it('takes the nearest and nothing that is filtered out', () => {
    const markers = new MarkerBuffer();
    markers.reserve(2);
    markers.set(0, state(180), false, 0);
    markers.set(1, state(179.999), false, 0);
    expect(pick(markers, Uint32Array.of(0, 1), camera, { x: 400, y: 300 }, 14, 0)).toBe(0);
    expect(pick(markers, Uint32Array.of(1), camera, { x: 400, y: 300 }, 14, 0)).toBe(1);
  });
});

function tracker(slot: number, status: Status, longitude?: number): Tracker {
  return {
    id: slot,
    slot,
    name: String(slot),
    category: 'other',
    clientId: undefined,
    searchText: '',
    nameRank: slot,
    connectivity: 'online',
    connectivitySinceMs: 0,
    motion: 'moving',
    motionSinceMs: 0,
    status,
    fix:
      longitude === undefined
        ? undefined
        : { latitude: slot, longitude, timeMs: 0, speedMps: 1, course: 0, accuracyM: 1 },
    provisional: false,
  };
}

describe('draw order', () => {
  it('puts moving on top and leaves out what has no position', () => {
    const trackers = [
      tracker(0, Status.kMoving, 1),
      tracker(1, Status.kOffline, 1),
      tracker(2, Status.kUnknown),
      tracker(3, Status.kStopped, 1),
      tracker(4, Status.kUnknown, 1),
      tracker(5, Status.kMoving, 1),
    ];
    expect([...drawOrder(trackers)]).toEqual([1, 4, 3, 0, 5]);
  });
});

describe('bounds', () => {
  it('hold all, or all but the outliers', () => {
    const trackers = Array.from({ length: 200 }, (_, index) =>
      tracker(index % 10, Status.kMoving, index === 0 ? -160 : 10 + (index % 20) / 10),
    );
    expect(boundsOf(trackers)?.west).toBe(-160);
    expect(boundsOf(trackers, 0.02)?.west).toBeGreaterThanOrEqual(10);
    expect(boundsOf([])).toBeUndefined();
  });
});
