import type {
  Connectivity,
  LocationUpdate,
  Motion,
  Position,
  StatusChange,
  TrackerId,
  TrackerInfo,
} from '../../client/index.js';
import { Status, foldStatus } from '../format/words.js';
import { type Fix, type Tracker, foldText } from './tracker.js';

export interface StoreChanges {
  /** Trackers whose fix or status changed since the last flush. */
  changed: ReadonlySet<Tracker>;
  /** Those of them whose marker glides there: a newer fix, live, after an earlier one. */
  moved: ReadonlySet<Tracker>;
  removed: readonly Tracker[];
  /** Trackers came, went or were renamed. */
  structural: boolean;
}

/**
 * All trackers, with the newest fix and status of each, whichever way they came.
 *
 * Changes collect until `takeChanges()`; `onDirty` is called once when the first of them arrives.
 */
export class TrackerStore {
  private readonly trackers = new Map<TrackerId, Tracker>();
  private readonly freeSlots: number[] = [];
  private slotCount = 0;
  private changed = new Set<Tracker>();
  private moved = new Set<Tracker>();
  private removed: Tracker[] = [];
  /** Known from events alone, and not heard of since the right to see them became doubtful. */
  private readonly doubted = new Set<Tracker>();
  private structural = false;
  private dirty = false;
  private readonly onDirty: () => void;

  constructor(onDirty: () => void) {
    this.onDirty = onDirty;
  }

  get size(): number {
    return this.trackers.size;
  }

  /** One more than the highest slot ever used. */
  get slots(): number {
    return this.slotCount;
  }

  get(id: TrackerId): Tracker | undefined {
    return this.trackers.get(id);
  }

  all(): IterableIterator<Tracker> {
    return this.trackers.values();
  }

  /** True when events came for trackers that no list has named. */
  hasProvisional(): boolean {
    for (const tracker of this.trackers.values()) if (tracker.provisional) return true;
    return false;
  }

  /**
   * Takes over a tracker list. Trackers that an earlier one named and this one does not go away;
   * those known from events alone stay, unless they are in doubt.
   */
  applyList(list: readonly TrackerInfo[]): void {
    const named = new Set<TrackerId>();
    for (const info of list) {
      named.add(info.id);
      this.applyInfo(info);
    }
    for (const tracker of [...this.trackers.values()]) {
      const mayStay = tracker.provisional && !this.doubted.has(tracker);
      if (!mayStay && !named.has(tracker.id)) this.remove(tracker);
    }
    this.doubted.clear();
    this.rankNames();
    this.structural = true;
    this.markDirty();
  }

  /**
   * Which trackers this page may see has changed: the next list decides also about those that are
   * known from events alone, until another event comes for them. Null: all of them.
   */
  doubt(ids: readonly TrackerId[] | null): void {
    for (const tracker of ids ? ids.map((id) => this.trackers.get(id)) : this.trackers.values()) {
      if (tracker?.provisional) this.doubted.add(tracker);
    }
  }

  /** Forgets every tracker that `stays` does not hold for. */
  retain(stays: (tracker: Tracker) => boolean): void {
    for (const tracker of [...this.trackers.values()]) {
      if (!stays(tracker)) this.remove(tracker);
    }
    this.structural = true;
    this.markDirty();
  }

  /** False when the tracker was not known before: the caller fetches the list. */
  applyLocation(update: LocationUpdate): boolean {
    const known = this.trackers.get(update.tracker_id);
    const tracker = known ?? this.addProvisional(update.tracker_id);
    this.doubted.delete(tracker);
    const hadFix = tracker.fix !== undefined;
    if (this.takeFix(tracker, update)) {
      if (hadFix) this.moved.add(tracker);
      this.touch(tracker);
    }
    return known !== undefined && !known.provisional;
  }

  /** False when the tracker was not known before, as `applyLocation`. */
  applyStatus(change: StatusChange): boolean {
    const known = this.trackers.get(change.tracker_id);
    const tracker = known ?? this.addProvisional(change.tracker_id);
    this.doubted.delete(tracker);
    const sinceMs = Date.parse(change.since);
    if (change.axis === 'connectivity') this.takeConnectivity(tracker, change.status, sinceMs);
    else this.takeMotion(tracker, change.status, sinceMs);
    this.refold(tracker);
    return known !== undefined && !known.provisional;
  }

  /** What changed since the last call. */
  takeChanges(): StoreChanges {
    const changes: StoreChanges = {
      changed: this.changed,
      moved: this.moved,
      removed: this.removed,
      structural: this.structural,
    };
    this.changed = new Set();
    this.moved = new Set();
    this.removed = [];
    this.structural = false;
    this.dirty = false;
    return changes;
  }

  private applyInfo(info: TrackerInfo): void {
    const tracker = this.trackers.get(info.id) ?? this.add(info.id, info.name);
    tracker.name = info.name;
    tracker.category = info.category;
    tracker.clientId = info.client_id;
    tracker.searchText = foldText(`${info.name}\n${info.call_sign ?? ''}\n${info.id}`);
    tracker.provisional = false;
    this.takeConnectivity(tracker, info.connectivity, timeOf(info.connectivity_since));
    this.takeMotion(tracker, info.motion, timeOf(info.motion_since));
    if (info.position) this.takeFix(tracker, info.position);
    tracker.status = foldStatus(tracker.connectivity, tracker.motion);
    this.changed.add(tracker);
  }

  private takeFix(tracker: Tracker, position: Position): boolean {
    const timeMs = Date.parse(position.fix_time);
    if (tracker.fix && timeMs <= tracker.fix.timeMs) return false;
    const fix: Fix = {
      latitude: position.latitude,
      longitude: position.longitude,
      timeMs,
      speedMps: position.speed,
      course: position.course ?? position.heading,
      accuracyM: position.accuracy,
    };
    tracker.fix = fix;
    return true;
  }

  private takeConnectivity(tracker: Tracker, status: string, sinceMs: number): void {
    if (sinceMs < tracker.connectivitySinceMs) return;
    tracker.connectivitySinceMs = sinceMs;
    const known: Connectivity = status === 'online' || status === 'offline' ? status : 'unknown';
    tracker.connectivity = known;
  }

  private takeMotion(tracker: Tracker, status: string, sinceMs: number): void {
    if (sinceMs < tracker.motionSinceMs) return;
    tracker.motionSinceMs = sinceMs;
    const known: Motion = status === 'moving' || status === 'stopped' ? status : 'unknown';
    tracker.motion = known;
  }

  private refold(tracker: Tracker): void {
    const status = foldStatus(tracker.connectivity, tracker.motion);
    if (status === tracker.status) return;
    tracker.status = status;
    this.touch(tracker);
  }

  private addProvisional(id: TrackerId): Tracker {
    const tracker = this.add(id, String(id));
    this.structural = true;
    this.touch(tracker);
    return tracker;
  }

  private add(id: TrackerId, name: string): Tracker {
    const tracker: Tracker = {
      id,
      slot: this.freeSlots.pop() ?? this.slotCount++,
      name,
      category: 'other',
      clientId: undefined,
      searchText: foldText(name),
      // At the end, until the list is ranked again.
      nameRank: this.trackers.size,
      connectivity: 'unknown',
      connectivitySinceMs: -Infinity,
      motion: 'unknown',
      motionSinceMs: -Infinity,
      status: Status.kUnknown,
      fix: undefined,
      provisional: true,
    };
    this.trackers.set(id, tracker);
    return tracker;
  }

  private remove(tracker: Tracker): void {
    this.trackers.delete(tracker.id);
    this.freeSlots.push(tracker.slot);
    this.changed.delete(tracker);
    this.moved.delete(tracker);
    this.doubted.delete(tracker);
    this.removed.push(tracker);
  }

  private rankNames(): void {
    const keyed = [...this.trackers.values()].map((tracker) => ({
      tracker,
      key: foldText(tracker.name),
    }));
    keyed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
    keyed.forEach((entry, rank) => (entry.tracker.nameRank = rank));
  }

  private touch(tracker: Tracker): void {
    this.changed.add(tracker);
    this.markDirty();
  }

  private markDirty(): void {
    if (this.dirty) return;
    this.dirty = true;
    this.onDirty();
  }
}

function timeOf(time: string | undefined): number {
  // Without a time it is still better than nothing, and anything dated replaces it.
  return time === undefined ? -Infinity : Date.parse(time);
}
