import { effect, signal, untracked } from '@preact/signals';

import { type LocationUpdate, type Position, fetchPositions } from '../../client/index.js';
import type { Sample } from './history.js';
import { person, session } from './session.js';
import { kTrailMs, kTrailPoints, Trail, sampleOf } from './trail.js';
import type { Tracker } from './tracker.js';
import { history, onChanges, selected } from './trackers.js';

interface Shown {
  tracker: Tracker;
  trail: Trail;
  /** Set once the server has been asked. */
  request: AbortController | undefined;
}

const kNoSamples: readonly Sample[] = [];

const published = signal<{ tracker?: Tracker; samples: readonly Sample[] }>({
  samples: kNoSamples,
});
let current: Shown | undefined;

/** Where the selected tracker was, oldest first; nothing of any other. */
export function trailOf(tracker: Tracker): readonly Sample[] {
  const shown = published.value;
  return shown.tracker === tracker ? shown.samples : kNoSamples;
}

/** Follows the selection. Called once. */
export function watchTrails(): void {
  effect(() => {
    const tracker = selected.value?.tracker;
    untracked(() => show(tracker));
  });
  onChanges(({ changed }) => {
    if (current && changed.has(current.tracker)) publish();
  });
}

/** Takes an event in that the store has just had. */
export function extendTrail(update: LocationUpdate): void {
  if (current?.tracker.id !== update.tracker_id) return;
  const sample = sampleOf(update);
  if (!current.trail.add(sample)) return;
  // One that came after a newer one moves no tracker, so no change of the store will follow.
  const newest = current.tracker.fix?.timeMs;
  if (newest !== undefined && sample.timeMs < newest) publish();
}

/** The connection was interrupted, and what was missed is not told: the past has it. */
export function reloadTrail(): void {
  if (current) void load(current);
}

function show(tracker: Tracker | undefined): void {
  if (current?.tracker !== tracker) {
    current?.request?.abort();
    current = tracker && { tracker, trail: new Trail(), request: undefined };
    if (current) seed(current);
    publish();
  }
  // Of a tracker that no list has named the server has nothing to tell.
  if (current && !current.request && !current.tracker.provisional) void load(current);
}

/** What the page has seen itself is there at once. */
function seed({ tracker, trail }: Shown): void {
  const since = (tracker.fix?.timeMs ?? 0) - kTrailMs;
  for (const sample of history.of(tracker.slot, kTrailPoints, since)) trail.add(sample);
}

async function load(own: Shown): Promise<void> {
  const fix = own.tracker.fix;
  if (!fix) return;
  own.request?.abort();
  const request = new AbortController();
  own.request = request;
  let positions: readonly Position[] = [];
  try {
    const page = await fetchPositions(own.tracker.id, {
      from: fix.timeMs - kTrailMs,
      limit: kTrailPoints,
      newestFirst: true,
      signal: request.signal,
      // As the tracker list: for whoever the connection is.
      anonymous: session.peek() !== undefined && person.peek() === null,
    });
    positions = page.positions;
  } catch {
    // The trail of what the page has seen stays, and grows.
  }
  if (current !== own || request.signal.aborted) return;
  for (const position of positions) own.trail.add(sampleOf(position));
  publish();
}

function publish(): void {
  published.value = current
    ? { tracker: current.tracker, samples: current.trail.samples() }
    : { samples: kNoSamples };
}
