import { Status } from '../format/words.js';
import type { Tracker } from '../model/tracker.js';

const kStatusCount = 4;

/** Slots of the trackers with a position, offline first and moving last, which is on top. */
export function drawOrder(trackers: readonly Tracker[]): Uint32Array<ArrayBuffer> {
  const counts = new Uint32Array(kStatusCount + 1);
  for (const tracker of trackers) {
    if (tracker.fix) counts[tracker.status + 1] = (counts[tracker.status + 1] ?? 0) + 1;
  }
  for (let status = 1; status <= kStatusCount; status++) {
    counts[status] = (counts[status] ?? 0) + (counts[status - 1] ?? 0);
  }
  const slots = new Uint32Array(counts[Status.kMoving + 1] ?? 0);
  for (const tracker of trackers) {
    if (!tracker.fix) continue;
    const place = counts[tracker.status] ?? 0;
    counts[tracker.status] = place + 1;
    slots[place] = tracker.slot;
  }
  return slots;
}
