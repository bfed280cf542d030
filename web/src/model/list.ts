import type { TrackerId } from '../../client/index.js';
import { Status } from '../format/words.js';
import { type Tracker, foldText } from './tracker.js';

export type SortOrder = 'moving' | 'name' | 'fix' | 'speed';

export const kSortChoices: readonly SortOrder[] = ['moving', 'name', 'fix', 'speed'];

const kSortWords: Record<SortOrder, string> = {
  moving: 'Moving first',
  name: 'Name',
  fix: 'Last fix',
  speed: 'Speed',
};

export function sortWord(order: SortOrder): string {
  return kSortWords[order];
}

export interface Filter {
  query: string;
  /** Empty shows every status. */
  statuses: ReadonlySet<Status>;
  /** Undefined shows every client, null what belongs to none. */
  clientId: TrackerId | null | undefined;
}

export interface ListResult {
  /** What passes the whole filter, in order. */
  items: readonly Tracker[];
  /** By status, of what passes search and client: the tiles' figures. */
  counts: Readonly<Record<Status, number>>;
  /** By client, of what passes search and status: the client menu's figures. */
  clientCounts: ReadonlyMap<TrackerId | null, number>;
  /** The same over all clients. */
  clientTotal: number;
}

// A sort key and the name's rank share one double, which sorts without a comparison function: the
// rank takes the lower 20 bits, the key up to 32 above them.
const kRankLimit = 2 ** 20;
const kKeyLimit = 2 ** 32 - 1;

/** Filters, counts and sorts; linear but for the sort. */
export function buildList(
  trackers: Iterable<Tracker>,
  filter: Filter,
  order: SortOrder,
): ListResult {
  const counts = emptyCounts();
  const clientCounts = new Map<TrackerId | null, number>();
  let clientTotal = 0;
  const words = searchWords(filter.query);
  const found: Tracker[] = [];
  for (const tracker of trackers) {
    if (!matches(tracker, words)) continue;
    const owner = tracker.clientId ?? null;
    const clientFits = filter.clientId === undefined || owner === filter.clientId;
    const statusFits = filter.statuses.size === 0 || filter.statuses.has(tracker.status);
    if (clientFits) counts[tracker.status]++;
    if (statusFits) {
      clientTotal++;
      clientCounts.set(owner, (clientCounts.get(owner) ?? 0) + 1);
      if (clientFits) found.push(tracker);
    }
  }
  return { items: sortTrackers(found, order), counts, clientCounts, clientTotal };
}

export function emptyCounts(): Record<Status, number> {
  return {
    [Status.kOffline]: 0,
    [Status.kUnknown]: 0,
    [Status.kStopped]: 0,
    [Status.kMoving]: 0,
  };
}

function searchWords(query: string): string[] {
  return foldText(query)
    .split(/\s+/)
    .filter((word) => word.length > 0);
}

function matches(tracker: Tracker, words: readonly string[]): boolean {
  for (const word of words) if (!tracker.searchText.includes(word)) return false;
  return true;
}

function sortTrackers(trackers: Tracker[], order: SortOrder): Tracker[] {
  const byRank: Tracker[] = [];
  const keys = new Float64Array(trackers.length);
  trackers.forEach((tracker, index) => {
    const rank = Math.min(tracker.nameRank, kRankLimit - 1);
    byRank[rank] = tracker;
    keys[index] = sortKey(tracker, order) * kRankLimit + rank;
  });
  keys.sort();
  const sorted: Tracker[] = new Array<Tracker>(trackers.length);
  keys.forEach((key, index) => {
    const tracker = byRank[key % kRankLimit];
    if (tracker) sorted[index] = tracker;
  });
  return sorted;
}

/** A whole number from 0 to kKeyLimit; the smallest comes first. */
function sortKey(tracker: Tracker, order: SortOrder): number {
  switch (order) {
    case 'moving':
      // Unknown last: offline trackers at least were heard once.
      return [2, 3, 1, 0][tracker.status] ?? 3;
    case 'name':
      return 0;
    case 'fix':
      return tracker.fix ? kKeyLimit - clampKey(tracker.fix.timeMs / 1000) : kKeyLimit;
    case 'speed': {
      const speed = shownSpeed(tracker);
      return speed === undefined ? kKeyLimit : kKeyLimit - 1 - clampKey(speed * 100);
    }
  }
}

function clampKey(value: number): number {
  return Math.min(kKeyLimit - 1, Math.max(0, Math.floor(value)));
}

/** The speed a row shows: only of trackers that move, since an old speed is none. */
export function shownSpeed(tracker: Tracker): number | undefined {
  return tracker.status === Status.kMoving ? tracker.fix?.speedMps : undefined;
}
