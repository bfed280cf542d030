import { batch, computed, effect, signal, untracked } from '@preact/signals';

import type { TrackerId } from '../../client/index.js';
import { clientFilter, query, sortOrder, statusFilter } from './filters.js';
import { History } from './history.js';
import { type ListResult, buildList, emptyCounts } from './list.js';
import { selectedId } from './selection.js';
import { type StoreChanges, TrackerStore } from './tracker-store.js';
import type { Tracker } from './tracker.js';

const kListPeriodMs = 1_000;
const kCheapListMs = 8;

export const store = new TrackerStore(() => scheduleFlush());
export const history = new History();

/** Names of the clients, by id. */
export const clientNames = signal<ReadonlyMap<TrackerId, string>>(new Map());

const kNoResult: ListResult = {
  items: [],
  counts: emptyCounts(),
  clientCounts: new Map(),
  clientTotal: 0,
};

/** What the filters leave; the map shows this. */
export const results = signal<ListResult>(kNoResult);

/** What the list shows: the same, but not reordered while the pointer is on it. */
export const rows = signal<readonly Tracker[]>([]);

/** How many trackers there are in all. */
export const total = signal(0);

/** Grows whenever the selected tracker changes. */
const selectedVersion = signal(0);

/** The selected tracker; a new wrapper on each change, for trackers change in place. */
export const selected = computed<{ tracker: Tracker } | undefined>(() => {
  void selectedVersion.value;
  const id = selectedId.value;
  const tracker = id === undefined ? undefined : store.get(id);
  return tracker ? { tracker } : undefined;
});

let pointerOnList = false;

/** Holds the list's order still while a pointer is on it. */
export function holdList(hold: boolean): void {
  if (pointerOnList === hold) return;
  pointerOnList = hold;
  if (!hold) rows.value = results.value.items;
}

const listeners = new Set<(changes: StoreChanges) => void>();

/** Called once a frame with what changed. Returns how to stop. */
export function onChanges(listener: (changes: StoreChanges) => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function scheduleFlush(): void {
  requestAnimationFrame(flush);
}

function flush(): void {
  const changes = store.takeChanges();
  for (const tracker of changes.removed) history.drop(tracker.slot);
  for (const tracker of changes.changed) remember(tracker);
  batch(() => {
    for (const listener of listeners) listener(changes);
    const tracker = untracked(() => selected.value)?.tracker;
    // It may be the one that came or went.
    if (changes.structural || (tracker && changes.changed.has(tracker))) selectedVersion.value++;
  });
  reorderDue ||= changes.structural;
  // Who comes or goes is seen at once, unless the list is so long that this would cost frames.
  if (changes.structural && listCostMs < kCheapListMs) refreshList(true);
  else scheduleList();
}

function remember(tracker: Tracker): void {
  const fix = tracker.fix;
  if (!fix || fix.timeMs <= history.latestTime(tracker.slot)) return;
  history.add(tracker.slot, { ...fix, speedMps: fix.speedMps ?? NaN });
}

let listTimer: ReturnType<typeof setTimeout> | undefined;
let listBuiltMs = 0;
let listCostMs = 0;
let reorderDue = false;

function scheduleList(): void {
  if (listTimer !== undefined) return;
  const wait = Math.max(0, listBuiltMs + kListPeriodMs - performance.now());
  listTimer = setTimeout(() => refreshList(reorderDue), wait);
}

function refreshList(reorder: boolean): void {
  clearTimeout(listTimer);
  listTimer = undefined;
  reorderDue = false;
  const startMs = performance.now();
  const filter = {
    query: query.peek(),
    statuses: statusFilter.peek(),
    clientId: clientFilter.peek(),
  };
  const result = buildList(store.all(), filter, sortOrder.peek());
  listBuiltMs = performance.now();
  listCostMs = listBuiltMs - startMs;
  total.value = store.size;
  results.value = result;
  if (reorder || !pointerOnList) rows.value = result.items;
}

/** Starts rebuilding the list whenever a filter changes. Called once. */
export function watchFilters(): void {
  effect(() => {
    void [query.value, statusFilter.value, clientFilter.value, sortOrder.value];
    untracked(() => refreshList(true));
  });
}
