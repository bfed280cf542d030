import {
  type Address,
  type GeocodingError,
  type GeocodingQueued,
  type GeocodingResult,
  type TrackerId,
  TrackwireError,
} from '../../client/index.js';
import type { AddressPhase, AddressProblem } from '../format/address.js';
import { type Point, distanceM } from './distance.js';

/** The way to the server. */
export interface AddressWay {
  isConnected(): boolean;
  /** Settles when the server has taken the question; what it answers comes as events. */
  ask(requestId: string, point: Point): Promise<unknown>;
}

/** Whose address is wanted, and where that is now. */
export interface Spot extends Point {
  tracker: TrackerId;
}

/** So far from where it was asked for, an address is one of another place. */
const kAgainM = 100;
/** A question that is not answered yet is given up for a nearer one when it got this far away. */
const kFarM = 1_000;
/** What was said of a place this near is better than nothing while a new answer is on its way. */
const kKeepM = 5_000;
/** Between two questions that nobody pressed a button for. */
const kAgainMs = 10_000;
const kAgainAfterFailureMs = 30_000;
/** A shorter pause than this, wished for by the server, is not worth a word. */
const kShortPauseS = 5;
const kMostPauses = 3;
/** How long the server may be silent about a question. */
const kPatienceMs = 20_000;
const kPatienceInLineMs = 60_000;
const kPatiencePlaceMs = 5_000;
const kLongestMs = 600_000;

interface Attempt {
  readonly requestId: string;
  readonly point: Point;
  /** Somebody wants to see that something happens. */
  readonly pressed: boolean;
  /** The server has it, so a resumed connection will hear of it. */
  taken: boolean;
  provisional: boolean;
  /** The server wanted a short pause; the question is asked anew after it. */
  paused: boolean;
  position: number | undefined;
  timer: ReturnType<typeof setTimeout> | undefined;
}

/**
 * The address of one tracker, whichever is shown, as it moves: one question at a time, at most one
 * in ten seconds. What is told of other questions changes nothing, and every wait ends.
 */
export class AddressLookup {
  private readonly way: AddressWay;
  private readonly tell: (tracker: TrackerId | undefined, phase: AddressPhase) => void;
  private readonly name = Math.random().toString(36).slice(2);
  private count = 0;

  private spot: Spot | undefined;
  /** The server knows addresses, as far as we know. */
  private offered = true;
  private everTold = false;

  private attempt: Attempt | undefined;
  /** Where the last question was about, answered or not. */
  private asked: Point | undefined;
  private found: { address: Address; point: Point } | undefined;
  private end: 'nothing' | AddressProblem | undefined;

  private nextMs = 0;
  private heldUntilMs = 0;
  private pauses = 0;
  private next: ReturnType<typeof setTimeout> | undefined;

  /** `tell` gets what is to be said of the shown tracker, whenever that may be something else. */
  constructor(
    way: AddressWay,
    tell: (tracker: TrackerId | undefined, phase: AddressPhase) => void,
  ) {
    this.way = way;
    this.tell = tell;
  }

  /** What is shown is now there; undefined: nothing is shown, or nothing that has a position. */
  show(spot: Spot | undefined): void {
    if (spot?.tracker === this.spot?.tracker && spot && this.spot) {
      this.spot = spot;
      this.consider();
      return;
    }
    this.forget();
    this.spot = spot;
    const held = Math.ceil((this.heldUntilMs - Date.now()) / 1_000);
    if (spot && held > kShortPauseS) this.end = { code: 'rate_limited', retryAfter: held };
    this.report();
    this.consider();
  }

  /** Somebody wants it tried again. */
  tryAgain(): void {
    if (this.attempt || !this.spot) return;
    this.pauses = 0;
    this.ask(true);
  }

  /** A connection stands; `recovered`: it is the earlier one, and what was missed follows. */
  resume(recovered: boolean): void {
    // It may be another server than before.
    if (!recovered) this.offered = true;
    const { attempt } = this;
    if (attempt && recovered && attempt.taken && !attempt.paused) this.wait(attempt);
    else if (attempt) this.ask(attempt.pressed);
    else this.consider();
  }

  /** Forgets what is known: somebody else looks at the page. `resume()` asks anew. */
  forget(): void {
    this.drop();
    this.asked = undefined;
    this.found = undefined;
    this.end = undefined;
    this.nextMs = 0;
    this.pauses = 0;
    this.report();
  }

  takeQueued({ request_id, queue_position }: GeocodingQueued): void {
    const attempt = this.attemptOf(request_id);
    if (!attempt) return;
    attempt.position = queue_position;
    this.wait(attempt);
    this.report();
  }

  takeResult({ request_id, address, provisional }: GeocodingResult): void {
    const attempt = this.attemptOf(request_id);
    if (!attempt) return;
    this.found = { address, point: attempt.point };
    this.pauses = 0;
    if (provisional) {
      attempt.provisional = true;
      this.wait(attempt);
      this.report();
    } else {
      this.finish(undefined);
    }
  }

  takeError({ request_id, code, retry_after }: GeocodingError): void {
    const attempt = this.attemptOf(request_id);
    if (attempt) this.fail(attempt, code, retry_after);
  }

  private attemptOf(requestId: string): Attempt | undefined {
    if (this.attempt?.requestId !== requestId) return undefined;
    this.attempt.taken = true;
    this.everTold = true;
    return this.attempt;
  }

  /** Asks when the tracker is somewhere else than asked for, not too soon after the last time. */
  private consider(): void {
    clearTimeout(this.next);
    const { spot, asked, attempt } = this;
    if (!spot || !this.offered || !this.way.isConnected()) return;
    if (asked) {
      const moved = distanceM(asked, spot);
      if (moved <= kAgainM || (attempt && moved <= kFarM)) return;
    }
    const wait = Math.max(this.nextMs, this.heldUntilMs) - Date.now();
    if (wait > 0) this.next = setTimeout(() => this.consider(), wait);
    else this.ask(false);
  }

  private ask(pressed: boolean): void {
    this.drop();
    const { spot } = this;
    if (!spot) return;
    const point = { latitude: spot.latitude, longitude: spot.longitude };
    const attempt: Attempt = {
      requestId: `${this.name}-${++this.count}`,
      point,
      pressed,
      taken: false,
      provisional: false,
      paused: false,
      position: undefined,
      timer: undefined,
    };
    this.attempt = attempt;
    this.asked = point;
    this.end = undefined;
    this.nextMs = Date.now() + kAgainMs;
    if (this.found && distanceM(this.found.point, point) > kKeepM) this.found = undefined;
    this.wait(attempt);
    this.report();
    this.way.ask(attempt.requestId, point).then(
      () => {
        attempt.taken = true;
        this.everTold = true;
      },
      (error: unknown) => this.takeRefusal(attempt, error),
    );
  }

  private takeRefusal(attempt: Attempt, error: unknown): void {
    if (this.attempt !== attempt) return;
    const { code, retryAfter } =
      error instanceof TrackwireError ? error : { code: 'unexpected', retryAfter: undefined };
    if (code === 'not_connected') return this.suspend(attempt);
    // The events have said that the server has it.
    if (code === 'timeout' && attempt.taken) return;
    const isDumb = code === 'timeout' && !this.everTold;
    this.fail(attempt, isDumb ? 'unknown_event' : code, retryAfter);
  }

  /** Nobody knows whether the server has it: asked again once there is a connection. */
  private suspend(attempt: Attempt): void {
    attempt.taken = false;
    clearTimeout(attempt.timer);
  }

  private fail(attempt: Attempt, code: string, retryAfter: number | undefined): void {
    // A refusal is told twice, as an answer and as an event.
    if (attempt.paused) return;
    if (code === 'unknown_event') {
      this.offered = false;
      this.finish(undefined);
      return;
    }
    const waitMs = (retryAfter ?? 0) * 1_000;
    if (code === 'rate_limited') {
      this.heldUntilMs = Date.now() + waitMs;
      const isShort = retryAfter !== undefined && retryAfter <= kShortPauseS;
      if (isShort && this.pauses++ < kMostPauses) return this.pause(attempt, waitMs);
    }
    this.nextMs = Date.now() + Math.max(kAgainAfterFailureMs, waitMs);
    // The address of where it was before is shown no longer than it takes to find a new one.
    const { found } = this;
    if (found && distanceM(found.point, attempt.point) > kAgainM) this.found = undefined;
    if (code === 'not_found') this.finish('nothing');
    else this.finish(retryAfter === undefined ? { code } : { code, retryAfter });
  }

  /** Asks again when the server likes, as if it had only taken longer. */
  private pause(attempt: Attempt, waitMs: number): void {
    attempt.paused = true;
    clearTimeout(attempt.timer);
    attempt.timer = setTimeout(() => {
      if (this.way.isConnected()) this.ask(attempt.pressed);
      else this.suspend(attempt);
    }, waitMs);
  }

  private finish(end: 'nothing' | AddressProblem | undefined): void {
    this.drop();
    this.end = end;
    this.report();
    // It may have moved meanwhile.
    this.consider();
  }

  private wait(attempt: Attempt): void {
    const { position } = attempt;
    const inLine = kPatienceInLineMs + kPatiencePlaceMs * (position ?? 0);
    const patience = position === undefined && !attempt.provisional ? kPatienceMs : inLine;
    clearTimeout(attempt.timer);
    attempt.timer = setTimeout(
      () => {
        if (this.way.isConnected()) this.fail(attempt, 'no_answer', undefined);
        else this.suspend(attempt);
      },
      Math.min(kLongestMs, patience),
    );
  }

  private drop(): void {
    clearTimeout(this.attempt?.timer);
    clearTimeout(this.next);
    this.attempt = undefined;
  }

  private report(): void {
    this.tell(this.spot?.tracker, this.phase());
  }

  private phase(): AddressPhase {
    const { attempt, found, end, spot, offered } = this;
    if (!spot || !offered) return { kind: 'hidden' };
    const position = attempt?.position === undefined ? {} : { position: attempt.position };
    if (found) {
      const isSlow = attempt?.provisional || attempt?.pressed || attempt?.position !== undefined;
      return {
        kind: 'known',
        address: found.address,
        ...(isSlow ? { coming: position } : {}),
        ...(typeof end === 'object' ? { problem: end } : {}),
      };
    }
    if (end === 'nothing') return { kind: 'nothing' };
    if (end) return { kind: 'failed', problem: end };
    return { kind: 'asking', ...position };
  }
}
