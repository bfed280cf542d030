import { computed, signal } from '@preact/signals';

import {
  type LinkState,
  type SessionInfo,
  type TrackerList,
  TrackwireClient,
  fetchTrackers,
} from '../../client/index.js';
import { backWord } from '../format/link.js';
import { learnServerTime, now } from './clock.js';
import { clearMessage, showMessage } from './messages.js';
import { RateMeter } from './rate.js';
import { clientNames, store } from './trackers.js';

/** How long the first list waits for the connection, which should stand before it. */
const kConnectHeadStartMs = 1_500;
/** Between two lists fetched because of events of trackers not yet listed; doubled while that does
 * not help, as with trackers that only outside notifications know. */
const kUnlistedPeriodMs = 10_000;
const kUnlistedPeriodMaxMs = 300_000;
const kReloadRetryMs = 5_000;

export const link = signal<LinkState>({ kind: 'connecting' });
export const session = signal<SessionInfo | undefined>(undefined);
export const loading = signal<'loading' | 'ready' | 'failed'>('loading');
/** When the last event came, by this machine's clock. */
export const lastEventMs = signal<number | undefined>(undefined);
export const rate = new RateMeter();
/** Events a second and the seconds before, new with each second. */
export const rateNow = signal<{ perSecond: number; past: readonly number[] }>({
  perSecond: 0,
  past: [],
});

const wasConnected = signal(false);

/** The page shows old positions: it was connected and is not. */
export const isDown = computed(() => {
  const kind = link.value.kind;
  if (kind === 'offline') return true;
  return wasConnected.value && kind !== 'live';
});

let awaitsReplay = false;
let headStart: ReturnType<typeof setTimeout> | undefined;
let unlistedTimer: ReturnType<typeof setTimeout> | undefined;
let reloadTimer: ReturnType<typeof setTimeout> | undefined;
let request: AbortController | undefined;
let lastListMs = -Infinity;
let unlistedPeriodMs = kUnlistedPeriodMs;

const client = new TrackwireClient({
  link: (state) => {
    link.value = state;
    if (state.kind !== 'live' && wasConnected.peek()) clearMessage();
  },
  connected: ({ first, recovered }) => {
    wasConnected.value = true;
    clearTimeout(headStart);
    awaitsReplay = recovered && !first;
    if (recovered && loading.peek() === 'ready') return;
    void loadList().then((loaded) => {
      if (loaded && !first) showMessage({ tone: 'good', text: backWord(undefined) });
    });
  },
  session: (info) => {
    session.value = info;
    if (!awaitsReplay) return;
    awaitsReplay = false;
    showMessage({ tone: 'good', text: backWord(info.replayed) });
  },
  location: (update) => {
    heard();
    if (!store.applyLocation(update)) fetchUnlisted();
  },
  status: (change) => {
    heard();
    if (!store.applyStatus(change)) fetchUnlisted();
  },
});

/** Connects and loads the trackers. Called once. */
export function startLive(): void {
  client.start();
  headStart = setTimeout(() => void loadList(), kConnectHeadStartMs);
  setInterval(() => {
    rate.tick();
    rateNow.value = { perSecond: rate.rate(), past: [...rate.history()] };
    now.value = Date.now();
  }, 1_000);
}

/** The visitor does not want to wait for the back-off. */
export function retryNow(): void {
  client.retryNow();
}

/** The visitor asks for the list once more after a failure. */
export function retryList(): void {
  loading.value = 'loading';
  void loadList();
}

function heard(): void {
  rate.count();
  lastEventMs.value = Date.now();
}

/** False when it failed or a later call took over. */
async function loadList(): Promise<boolean> {
  clearTimeout(reloadTimer);
  request?.abort();
  const own = new AbortController();
  request = own;
  lastListMs = performance.now();
  try {
    const list = await fetchTrackers('', own.signal);
    if (own.signal.aborted) return false;
    takeList(list);
    return true;
  } catch {
    if (own.signal.aborted) return false;
    // What is already shown stays; a page that shows nothing says so.
    if (loading.peek() !== 'ready') loading.value = 'failed';
    else reloadTimer = setTimeout(() => void loadList(), kReloadRetryMs);
    return false;
  }
}

function takeList(list: TrackerList): void {
  learnServerTime(list.server_time);
  clientNames.value = new Map(list.clients.map((entry) => [entry.id, entry.name]));
  store.applyList(list.trackers);
  unlistedPeriodMs = store.hasProvisional()
    ? Math.min(unlistedPeriodMs * 2, kUnlistedPeriodMaxMs)
    : kUnlistedPeriodMs;
  lastEventMs.value ??= Date.now();
  loading.value = 'ready';
}

function fetchUnlisted(): void {
  if (unlistedTimer !== undefined || loading.peek() !== 'ready') return;
  const wait = Math.max(1_000, lastListMs + unlistedPeriodMs - performance.now());
  unlistedTimer = setTimeout(() => {
    unlistedTimer = undefined;
    void loadList();
  }, wait);
}
