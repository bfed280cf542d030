const kNone = -1;
const kFirstCapacity = 1 << 12;
const kMaxCapacity = 1 << 18;

export interface Sample {
  timeMs: number;
  latitude: number;
  longitude: number;
  /** Metres a second; NaN when unknown. */
  speedMps: number;
}

/**
 * Where trackers were since the page was opened, in a ring of limited size: when it is full the
 * oldest samples of all go first. Samples of one tracker are chained from its newest backwards.
 */
export class History {
  private capacity = kFirstCapacity;
  private count = 0;
  private times = new Float64Array(kFirstCapacity);
  private latitudes = new Float64Array(kFirstCapacity);
  private longitudes = new Float64Array(kFirstCapacity);
  private speeds = new Float32Array(kFirstCapacity);
  private previous = new Float64Array(kFirstCapacity);
  private readonly newest = new Map<number, number>();
  private readonly maxCapacity: number;

  constructor(maxCapacity = kMaxCapacity) {
    this.maxCapacity = maxCapacity;
  }

  /** Samples of one slot come in the order of their times. */
  add(slot: number, sample: Sample): void {
    if (this.count === this.capacity && this.capacity < this.maxCapacity) this.grow();
    const at = this.count % this.capacity;
    this.times[at] = sample.timeMs;
    this.latitudes[at] = sample.latitude;
    this.longitudes[at] = sample.longitude;
    this.speeds[at] = sample.speedMps;
    this.previous[at] = this.newest.get(slot) ?? kNone;
    this.newest.set(slot, this.count);
    this.count++;
  }

  /** Time of a slot's newest sample, or minus infinity. */
  latestTime(slot: number): number {
    const index = this.newest.get(slot);
    if (index === undefined || index < this.count - this.capacity) return -Infinity;
    return this.times[index % this.capacity] ?? -Infinity;
  }

  /** Forgets a slot, which another tracker may then take. */
  drop(slot: number): void {
    this.newest.delete(slot);
  }

  /** Oldest first, at most `limit` of the latest, none before `sinceMs`. */
  of(slot: number, limit: number, sinceMs = -Infinity): Sample[] {
    const samples: Sample[] = [];
    let index = this.newest.get(slot) ?? kNone;
    while (samples.length < limit && index !== kNone && index >= this.count - this.capacity) {
      const at = index % this.capacity;
      const timeMs = this.times[at] ?? 0;
      if (timeMs < sinceMs) break;
      samples.push({
        timeMs,
        latitude: this.latitudes[at] ?? 0,
        longitude: this.longitudes[at] ?? 0,
        speedMps: this.speeds[at] ?? NaN,
      });
      index = this.previous[at] ?? kNone;
    }
    return samples.reverse();
  }

  // Only called when the ring has not turned yet, so positions stay the same.
  private grow(): void {
    this.capacity = Math.min(this.maxCapacity, this.capacity * 2);
    this.times = enlarge(this.times, this.capacity);
    this.latitudes = enlarge(this.latitudes, this.capacity);
    this.longitudes = enlarge(this.longitudes, this.capacity);
    this.previous = enlarge(this.previous, this.capacity);
    const speeds = new Float32Array(this.capacity);
    speeds.set(this.speeds);
    this.speeds = speeds;
  }
}

function enlarge(array: Float64Array<ArrayBuffer>, capacity: number): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(capacity);
  larger.set(array);
  return larger;
}
