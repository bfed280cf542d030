import { computed, signal } from '@preact/signals';

import {
  type ErrorInfo,
  type GeocodingRequest,
  type LinkState,
  type SessionInfo,
  TrackwireClient,
  isTokenRefusal,
} from '../../client/index.js';
import { backWord } from '../format/link.js';
import { addresses, watchAddresses } from './addresses.js';
import { lastEventMs, now } from './clock.js';
import { clearFilters } from './filters.js';
import { hasEnded, personOf, sameIdentity, staysVisible } from './identity.js';
import { clearMessage, showMessage } from './messages.js';
import { RateMeter } from './rate.js';
import { clearSelection, selectedId } from './selection.js';
import { closeLogin, loginRequired, person, session, sessionEnded } from './session.js';
import { fetchUnlisted, loadList, loading, refuseList, startOver, takeChange } from './snapshot.js';
import { store } from './trackers.js';
import { extendTrail, reloadTrail, watchTrails } from './trails.js';
import { updates, watchUpdates } from './updates.js';
import { fitRequest } from './view.js';

/** How long the first list waits for the connection, which should stand before it. */
const kConnectHeadStartMs = 1_500;
/** How long a list waits for the server to say whom it would be for. */
const kSessionPatienceMs = 1_000;

export const link = signal<LinkState>({ kind: 'connecting' });
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
  // Connecting anew is what a change of identity does; a refused visitor is shown nothing.
  return wasConnected.value && kind !== 'live' && kind !== 'connecting' && kind !== 'refused';
});

let awaitsReplay = false;
let headStart: ReturnType<typeof setTimeout> | undefined;
/** Set while a new connection's list is due; says what to do once it is there. */
let listDue: { announce: boolean } | undefined;
/** The selected tracker may have moved unheard. Its trail waits for who the visitor now is. */
let trailDue = false;
let sessionTimer: ReturnType<typeof setTimeout> | undefined;
/** Who has just come wants to see what is theirs. */
let fitDue = false;
/** The connection under way is for another identity, not for one that broke. */
let renewing = false;
/** Somebody signed in here, whom the next connection should know. */
let entering = false;
/** Somebody is signing out here, which is no news to them. */
let leaving = false;

const client = new TrackwireClient({
  link: (state) => {
    link.value = state;
    if (state.kind !== 'live' && wasConnected.peek() && !renewing) clearMessage();
  },
  connected: ({ first, recovered }) => {
    const announce = !first && !renewing;
    wasConnected.value = true;
    renewing = false;
    loginRequired.value = false;
    clearTimeout(headStart);
    awaitsReplay = recovered && !first;
    if (!first) updates.peek()?.reconnected();
    if (!first && !recovered) trailDue = true;
    if (recovered && loading.peek() === 'ready') {
      addresses.peek()?.resume(true);
      return;
    }
    listDue = { announce };
    clearTimeout(sessionTimer);
    sessionTimer = setTimeout(loadDueList, kSessionPatienceMs);
  },
  session: takeSession,
  refused: takeRefusal,
  location: (update) => {
    heard();
    if (!store.applyLocation(update)) fetchUnlisted();
    extendTrail(update);
    updates.peek()?.takeLocation(update);
  },
  status: (change) => {
    heard();
    if (!store.applyStatus(change)) fetchUnlisted();
  },
  trackersChanged: ({ trackers }) => takeChange(trackers),
  updateStatus: (news) => updates.peek()?.takeNews(news),
  geocodingQueued: (queued) => addresses.peek()?.takeQueued(queued),
  geocodingResult: (result) => addresses.peek()?.takeResult(result),
  geocodingError: (error) => addresses.peek()?.takeError(error),
});

/** Connects and loads the trackers. Called once. */
export function startLive(): void {
  watchTrails();
  watchUpdates();
  watchAddresses();
  client.start();
  headStart = setTimeout(() => void loadList(), kConnectHeadStartMs);
  setInterval(() => {
    rate.tick();
    rateNow.value = { perSecond: rate.rate(), past: [...rate.history()] };
    now.value = Date.now();
  }, 1_000);
}

/** By what the server knows the connection; undefined without one. */
export function socketId(): string | undefined {
  return client.socketId;
}

/** Asks for an address; see TrackwireClient.requestGeocoding(). */
export function requestGeocoding(request: GeocodingRequest): Promise<unknown> {
  return client.requestGeocoding(request);
}

/** The visitor does not want to wait for the back-off. */
export function retryNow(): void {
  client.retryNow();
}

/** Connects anew as whoever the cookie now stands for; `entered`: as somebody, after a sign-in. */
export function renewIdentity(entered = false): void {
  renewing = true;
  entering = entered;
  if (loading.peek() === 'refused') loading.value = 'loading';
  client.renew();
}

/** Tells that the next end of the session is wanted; false takes that back. */
export function expectEnd(expected: boolean): void {
  leaving = expected;
}

function heard(): void {
  rate.count();
  lastEventMs.value = Date.now();
}

function takeSession(info: SessionInfo): void {
  const before = session.peek();
  session.value = info;
  if (person.peek()) {
    sessionEnded.value = false;
    closeLogin();
  }
  if (before && !sameIdentity(before, info)) changeIdentity(before, info);
  noteLostCookie();
  loadDueList();
  if (!awaitsReplay) return;
  awaitsReplay = false;
  showMessage({ tone: 'good', text: backWord(info.replayed) });
}

function changeIdentity(before: SessionInfo, after: SessionInfo): void {
  const [left, came] = [personOf(before), personOf(after)];
  const isOther = left?.id !== came?.id;
  startOver(staysVisible(before, after));
  addresses.peek()?.forget();
  if (left && isOther) leaveNothing();
  if (hasEnded(before, after)) noteEnd();
  if (came && isOther) {
    showMessage({ tone: 'good', text: `Signed in as ${came.name}.` });
    fitDue = selectedId.peek() === undefined;
  }
  listDue ??= { announce: false };
}

/** A browser drops a cookie that is for TLS alone when the page came without. */
function noteLostCookie(): void {
  if (entering && !person.peek()) {
    const text = 'Your browser did not keep the sign-in. Open this page over HTTPS.';
    showMessage({ tone: 'bad', text });
  }
  entering = false;
}

/** What the last visitor looked for is not the next one's business. */
function leaveNothing(): void {
  clearFilters();
  clearSelection();
  updates.peek()?.clear();
}

function noteEnd(): void {
  if (leaving) showMessage({ tone: 'good', text: 'Signed out.' });
  else sessionEnded.value = true;
  leaving = false;
}

function loadDueList(): void {
  const due = listDue;
  if (!due) return;
  listDue = undefined;
  clearTimeout(sessionTimer);
  if (trailDue) reloadTrail();
  trailDue = false;
  addresses.peek()?.resume(false);
  void loadList().then((loaded) => {
    if (!loaded) return;
    if (due.announce) showMessage({ tone: 'good', text: backWord(undefined) });
    if (fitDue) fitRequest.value++;
    fitDue = false;
  });
}

function takeRefusal(error: ErrorInfo): void {
  if (!isTokenRefusal(error.code)) return;
  renewing = false;
  loginRequired.value = true;
  if (person.peek()) noteEnd();
  session.value = undefined;
  noteLostCookie();
  leaveNothing();
  refuseList();
}
