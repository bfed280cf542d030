import type { Tracker } from '../model/tracker.js';
import { shortestSpan } from './antimeridian.js';

export interface Bounds {
  west: number;
  south: number;
  east: number;
  north: number;
}

/** The smallest box around all fixes; it may cross the antimeridian, then `east` exceeds 180. */
export function boundsOf(trackers: Iterable<Tracker>): Bounds | undefined {
  const longitudes: number[] = [];
  let south = Infinity;
  let north = -Infinity;
  for (const tracker of trackers) {
    if (!tracker.fix) continue;
    longitudes.push(tracker.fix.longitude);
    south = Math.min(south, tracker.fix.latitude);
    north = Math.max(north, tracker.fix.latitude);
  }
  const span = shortestSpan(Float64Array.from(longitudes));
  return span ? { ...span, south, north } : undefined;
}
