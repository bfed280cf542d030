import type { Position } from '../../client/index.js';
import type { Sample } from './history.js';

/** How far back a trail goes from the newest fix. */
export const kTrailMs = 30 * 60_000;
/** The points of a trail; the oldest go first. */
export const kTrailPoints = 1_000;

/** Where one tracker was, in the order of time, however late its points come. */
export class Trail {
  private points: Sample[] = [];

  /** Takes one in; false for a time that is there already, or too old to be shown. */
  add(point: Sample): boolean {
    const at = this.placeOf(point.timeMs);
    if (this.points[at]?.timeMs === point.timeMs) return false;
    if (at === 0 && this.points.length >= kTrailPoints) return false;
    this.points.splice(at, 0, point);
    this.trim();
    return this.points[0] !== undefined && point.timeMs >= this.points[0].timeMs;
  }

  /** Oldest first. What is given out does not change any more. */
  samples(): readonly Sample[] {
    return [...this.points];
  }

  private trim(): void {
    const newest = this.points[this.points.length - 1]?.timeMs ?? 0;
    const tooOld = this.placeOf(newest - kTrailMs);
    const tooMany = this.points.length - kTrailPoints;
    this.points.splice(0, Math.max(tooOld, tooMany, 0));
  }

  /** The first point that is not before `timeMs`. */
  private placeOf(timeMs: number): number {
    let [low, high] = [0, this.points.length];
    // Nearly always it is the end.
    if ((this.points[high - 1]?.timeMs ?? -Infinity) < timeMs) return high;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.points[middle]?.timeMs ?? 0) < timeMs) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

export function sampleOf(position: Position): Sample {
  return {
    timeMs: Date.parse(position.fix_time),
    latitude: position.latitude,
    longitude: position.longitude,
    speedMps: position.speed ?? NaN,
  };
}
