import { signal } from '@preact/signals';

import {
  type TrackerId,
  type TrackerList,
  TrackwireError,
  fetchTrackers,
} from '../../client/index.js';
import { lastEventMs, learnServerTime } from './clock.js';
import { clientFilter } from './filters.js';
import { clearSelection, selectedId } from './selection.js';
import { person, session } from './session.js';
import type { Tracker } from './tracker.js';
import { clientNames, store } from './trackers.js';

/** Between two lists fetched because of events of trackers not yet listed; doubled while that does
 * not help, as with trackers that only outside notifications know. */
const kUnlistedPeriodMs = 10_000;
const kUnlistedPeriodMaxMs = 300_000;
/** Between two lists fetched because the server said that much has changed. */
const kChangedPeriodMs = 1_000;
const kRetryMs = 5_000;

/** How the list stands; `refused`: only those who sign in get one. */
export const loading = signal<'loading' | 'ready' | 'failed' | 'refused'>('loading');

let request: AbortController | undefined;
let lastListMs = -Infinity;
let retryTimer: ReturnType<typeof setTimeout> | undefined;
let unlistedTimer: ReturnType<typeof setTimeout> | undefined;
let unlistedPeriodMs = kUnlistedPeriodMs;
let changedTimer: ReturnType<typeof setTimeout> | undefined;
let changedSince = false;

/** Fetches the list. False when it failed or a later call, or another identity, took over. */
export async function loadList(): Promise<boolean> {
  clearTimeout(retryTimer);
  request?.abort();
  const own = new AbortController();
  request = own;
  lastListMs = performance.now();
  try {
    // The list has to be for whoever the connection is.
    const anonymous = session.peek() !== undefined && person.peek() === null;
    const list = await fetchTrackers('', { signal: own.signal, anonymous });
    if (own.signal.aborted) return false;
    takeList(list);
    return true;
  } catch (error) {
    if (!own.signal.aborted) takeFailure(error);
    return false;
  } finally {
    if (request === own) {
      request = undefined;
      scheduleChanged();
    }
  }
}

/** The visitor asks for the list once more after a failure. */
export function retryList(): void {
  loading.value = 'loading';
  void loadList();
}

/** An event named a tracker that no list has named. */
export function fetchUnlisted(): void {
  if (unlistedTimer !== undefined || loading.peek() !== 'ready') return;
  const wait = Math.max(1_000, lastListMs + unlistedPeriodMs - performance.now());
  unlistedTimer = setTimeout(() => {
    unlistedTimer = undefined;
    void loadList();
  }, wait);
}

/** The server says that the last list is no longer right for these trackers; null: for any. */
export function takeChange(trackers: readonly TrackerId[] | null): void {
  store.doubt(trackers);
  changedSince = true;
  scheduleChanged();
}

// A list under way may have been made before the change, so another follows it; ending it early
// would leave a page without any while changes keep coming.
function scheduleChanged(): void {
  if (!changedSince || changedTimer !== undefined || request !== undefined) return;
  const wait = Math.max(0, lastListMs + kChangedPeriodMs - performance.now());
  changedTimer = setTimeout(() => {
    changedTimer = undefined;
    changedSince = false;
    void loadList();
  }, wait);
}

/**
 * The visitor is somebody else now: forgets what `stays` does not hold for, and whatever is on its
 * way for the earlier identity.
 */
export function startOver(stays: (clientId: TrackerId | undefined) => boolean): void {
  request?.abort();
  request = undefined;
  for (const timer of [retryTimer, unlistedTimer, changedTimer]) clearTimeout(timer);
  unlistedTimer = changedTimer = undefined;
  changedSince = false;
  unlistedPeriodMs = kUnlistedPeriodMs;
  store.retain((tracker: Tracker) => stays(tracker.clientId));
  store.doubt(null);
  clientNames.value = new Map([...clientNames.peek()].filter(([id]) => stays(id)));
  if (store.size === 0) loading.value = 'loading';
}

/** Nobody without an account is served: there will be no list until somebody signs in. */
export function refuseList(): void {
  startOver(() => false);
  loading.value = 'refused';
}

function takeList(list: TrackerList): void {
  learnServerTime(list.server_time);
  clientNames.value = new Map(list.clients.map((entry) => [entry.id, entry.name]));
  store.applyList(list.trackers);
  unlistedPeriodMs = store.hasProvisional()
    ? Math.min(unlistedPeriodMs * 2, kUnlistedPeriodMaxMs)
    : kUnlistedPeriodMs;
  const chosen = clientFilter.peek();
  if (chosen != null && !clientNames.peek().has(chosen)) clientFilter.value = undefined;
  const shown = selectedId.peek();
  if (shown !== undefined && !store.get(shown)) clearSelection();
  lastEventMs.value ??= Date.now();
  loading.value = 'ready';
}

function takeFailure(error: unknown): void {
  if (error instanceof TrackwireError && error.code === 'unauthorized') refuseList();
  // What is already shown stays; a page that shows nothing says so.
  else if (loading.peek() !== 'ready') loading.value = 'failed';
  else retryTimer = setTimeout(() => void loadList(), kRetryMs);
}
