import {
  type LocationUpdate,
  type TrackerId,
  TrackwireError,
  type UpdateNews,
  type UpdateRequest,
  type UpdateStatus,
} from '../../client/index.js';
import { type UpdatePhase, isBusy } from '../format/update.js';

/** The way to the server. */
export interface UpdateLine {
  /** Who is told how a request goes; undefined without a connection. */
  socketId(): string | undefined;
  request(tracker: TrackerId, socketId: string | undefined): Promise<UpdateRequest>;
  find(requestId: string): Promise<UpdateRequest | null>;
}

/** The server's own deadline is 30 s, and its answer needs a moment. */
const kPatienceMs = 35_000;
const kAnswerMs = 5_000;
const kLongestMs = 600_000;
/** How long the last question may take after that. */
const kLastLookMs = 5_000;
const kShownMs = 4_000;
const kAskAgainMs = 2_000;
/** What may arrive before the answer that says which request it is about. */
const kMaxEarly = 16;

interface Attempt {
  readonly tracker: TrackerId;
  readonly socketId: string | undefined;
  phase: UpdatePhase;
  requestId: string | undefined;
  early: UpdateNews[];
  /** Ends the wait, or, once there is a result, takes that away. */
  timer: ReturnType<typeof setTimeout> | undefined;
  /** Set while the server is asked from time to time. */
  asking: ReturnType<typeof setTimeout> | undefined;
}

/**
 * Requests for an immediate position, one at a time for each tracker, from the press of the button
 * to its result. Every wait ends; what is told of another request or tracker changes nothing.
 */
export class UpdateAttempts {
  private readonly attempts = new Map<TrackerId, Attempt>();
  private readonly line: UpdateLine;
  private readonly tell: (phases: ReadonlyMap<TrackerId, UpdatePhase>) => void;

  /** `tell` gets the phases of all trackers that are not idle, whenever one changes. */
  constructor(line: UpdateLine, tell: (phases: ReadonlyMap<TrackerId, UpdatePhase>) => void) {
    this.line = line;
    this.tell = tell;
  }

  /** Asks for a tracker, unless that is under way. */
  ask(tracker: TrackerId): void {
    const before = this.attempts.get(tracker);
    if (before && isBusy(before.phase)) return;
    this.drop(tracker);
    const attempt: Attempt = {
      tracker,
      socketId: this.line.socketId(),
      phase: { kind: 'queued' },
      requestId: undefined,
      early: [],
      timer: undefined,
      asking: undefined,
    };
    this.attempts.set(tracker, attempt);
    this.wait(attempt, kPatienceMs);
    this.report();
    void this.line.request(tracker, attempt.socketId).then(
      (request) => this.begin(attempt, request),
      (error: unknown) => this.fail(attempt, error),
    );
  }

  takeNews(news: UpdateNews): void {
    const attempt = this.attempts.get(news.tracker_id);
    if (!attempt) return;
    if (attempt.requestId === undefined) {
      if (attempt.early.length < kMaxEarly) attempt.early.push(news);
    } else if (attempt.requestId === news.request_id) {
      this.advance(attempt, news.status, news.reason);
    }
  }

  /** A position that answers a request says that it is there even when the status is lost. */
  takeLocation({ request_id, tracker_id }: LocationUpdate): void {
    if (request_id !== undefined) this.takeNews({ request_id, tracker_id, status: 'fetched' });
  }

  /** A connection stands again: what was told meanwhile may have gone to nobody. */
  reconnected(): void {
    for (const attempt of this.attempts.values()) {
      if (attempt.requestId !== undefined && isBusy(attempt.phase)) void this.look(attempt);
    }
  }

  /** Takes away results that have been read, but of `tracker`; what is under way goes on. */
  dismiss(tracker: TrackerId | undefined): void {
    for (const attempt of [...this.attempts.values()]) {
      if (attempt.tracker !== tracker && !isBusy(attempt.phase)) this.forget(attempt.tracker);
    }
  }

  /** Forgets the tracker, whatever becomes of its request. */
  forget(tracker: TrackerId): void {
    if (this.drop(tracker)) this.report();
  }

  /** Forgets everything: somebody else looks at the page. */
  clear(): void {
    for (const tracker of [...this.attempts.keys()]) this.drop(tracker);
    this.report();
  }

  private begin(attempt: Attempt, request: UpdateRequest): void {
    if (!this.waits(attempt)) return;
    attempt.requestId = request.requestId;
    this.wait(attempt, patienceFor(request));
    this.advance(attempt, request.status, request.reason);
    for (const news of attempt.early.splice(0)) this.takeNews(news);
    // Nobody is told of it, or somebody we are no more.
    if (this.waits(attempt) && !this.isTold(attempt)) this.lookLater(attempt);
  }

  private isTold(attempt: Attempt): boolean {
    return attempt.socketId !== undefined && attempt.socketId === this.line.socketId();
  }

  private waits(attempt: Attempt): boolean {
    return this.attempts.get(attempt.tracker) === attempt && isBusy(attempt.phase);
  }

  private async look(attempt: Attempt): Promise<void> {
    clearTimeout(attempt.asking);
    attempt.asking = undefined;
    if (attempt.requestId === undefined) return;
    try {
      const request = await this.line.find(attempt.requestId);
      if (!this.waits(attempt)) return;
      if (!request) return this.finish(attempt, { kind: 'failed', reason: 'lost' });
      this.advance(attempt, request.status, request.reason);
    } catch (error) {
      if (this.waits(attempt) && isRefusal(error)) return this.fail(attempt, error);
    }
    if (this.waits(attempt) && !this.isTold(attempt)) this.lookLater(attempt);
  }

  private lookLater(attempt: Attempt): void {
    clearTimeout(attempt.asking);
    attempt.asking = setTimeout(() => void this.look(attempt), kAskAgainMs);
  }

  /** Statuses only go on, whatever order they come in. */
  private advance(attempt: Attempt, status: UpdateStatus, reason: string | undefined): void {
    if (!this.waits(attempt)) return;
    switch (status) {
      case 'queued':
        return;
      case 'fetching':
        if (attempt.phase.kind === 'fetching') return;
        attempt.phase = { kind: 'fetching' };
        return this.report();
      case 'fetched':
        return this.finish(attempt, { kind: 'updated' });
      case 'unchanged':
        return this.finish(attempt, { kind: 'unchanged' });
      case 'failed':
        return this.finish(attempt, { kind: 'failed', reason: reason ?? 'unknown' });
    }
  }

  private fail(attempt: Attempt, error: unknown): void {
    if (!this.waits(attempt)) return;
    const { code, retryAfter } =
      error instanceof TrackwireError ? error : { code: 'unexpected', retryAfter: undefined };
    // The provider has a limit of its own, which is another story.
    const reason = code === 'rate_limited' ? 'too_many_requests' : code;
    const waits = retryAfter === undefined ? {} : { retryAfter };
    this.finish(attempt, { kind: 'failed', reason, ...waits });
  }

  private finish(attempt: Attempt, phase: UpdatePhase): void {
    clearTimeout(attempt.timer);
    clearTimeout(attempt.asking);
    attempt.phase = phase;
    if (phase.kind !== 'failed') {
      attempt.timer = setTimeout(() => this.forget(attempt.tracker), kShownMs);
    }
    this.report();
  }

  private wait(attempt: Attempt, patienceMs: number): void {
    clearTimeout(attempt.timer);
    attempt.timer = setTimeout(() => this.giveUp(attempt), patienceMs);
  }

  /** The last word may have been lost on its way, so the server is asked once more. */
  private giveUp(attempt: Attempt): void {
    const end = (): void => {
      if (this.waits(attempt)) this.finish(attempt, { kind: 'failed', reason: 'no_answer' });
    };
    if (attempt.requestId === undefined) return end();
    attempt.timer = setTimeout(end, kLastLookMs);
    void this.look(attempt).then(end);
  }

  private drop(tracker: TrackerId): boolean {
    const attempt = this.attempts.get(tracker);
    clearTimeout(attempt?.timer);
    clearTimeout(attempt?.asking);
    return this.attempts.delete(tracker);
  }

  private report(): void {
    this.tell(new Map([...this.attempts].map(([tracker, { phase }]) => [tracker, phase])));
  }
}

/** By the server's clock alone, which may differ from ours. */
function patienceFor({ requestedAt, deadline }: UpdateRequest): number {
  if (requestedAt === undefined || deadline === undefined) return kPatienceMs;
  const wanted = Date.parse(deadline) - Date.parse(requestedAt) + kAnswerMs;
  return Math.min(kLongestMs, Math.max(kPatienceMs, wanted));
}

/** An answer that will not be another one the next time. */
function isRefusal(error: unknown): boolean {
  return error instanceof TrackwireError && ['unauthorized', 'forbidden'].includes(error.code);
}
