import type { Tracker } from '../model/tracker.js';
import { type Span, shortestSpan } from './antimeridian.js';

export interface Bounds {
  west: number;
  south: number;
  east: number;
  north: number;
}

/** Fewer trackers than this are all worth showing. */
const kTrimFrom = 100;

/**
 * The smallest box around all fixes; it may cross the antimeridian, then `east` exceeds 180.
 * With `trim`, that share of the fixes on each of its sides may be left out.
 */
export function boundsOf(trackers: Iterable<Tracker>, trim = 0): Bounds | undefined {
  const longitudes: number[] = [];
  const latitudes: number[] = [];
  for (const tracker of trackers) {
    if (!tracker.fix) continue;
    longitudes.push(tracker.fix.longitude);
    latitudes.push(tracker.fix.latitude);
  }
  const span = shortestSpan(Float64Array.from(longitudes));
  if (!span) return undefined;
  const share = longitudes.length < kTrimFrom ? 0 : trim;
  const eastwards = longitudes.map((value) => (value < span.west ? value + 360 : value));
  const { west, east } = middle(eastwards, share);
  const { west: south, east: north } = middle(latitudes, share);
  return { west, south, east, north };
}

function middle(values: number[], share: number): Span {
  const sorted = Float64Array.from(values).sort();
  const skipped = Math.floor(sorted.length * share);
  return { west: sorted[skipped] ?? 0, east: sorted[sorted.length - 1 - skipped] ?? 0 };
}
