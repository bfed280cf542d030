import type { Socket } from 'socket.io-client';

import { asFields } from './decode.js';
import { type ErrorInfo, type TokenRefusal, decodeError, isTokenRefusal } from './error.js';

/**
 * What the connection does; `waiting` until `until` (milliseconds of `Date.now()`). `refused` stays
 * until a renewal with other credentials: the server does not let this visitor in.
 */
export type LinkState =
  | { kind: 'connecting' }
  | { kind: 'live'; transport: 'websocket' | 'polling' }
  | { kind: 'waiting'; until: number }
  | { kind: 'reconnecting' }
  | { kind: 'refused'; code: TokenRefusal }
  | { kind: 'offline' };

export interface LinkHandlers {
  state(state: LinkState): void;
  connected(how: { first: boolean; recovered: boolean }): void;
  refused(error: ErrorInfo): void;
}

/** Without a word from the server on when to come back. */
const kRefusedPauseS = 30;
const kLongestPauseS = 3_600;

// The manager's back-off has no public event for the delay it chose.
interface HasBackoff {
  backoff?: { duration(): number };
}

/**
 * Opens a socket's connection, says what becomes of it, and opens it again where socket.io-client
 * leaves that to the application. After `stop()` no handler is called any more.
 */
export class Link {
  private readonly socket: Socket;
  private readonly handlers: LinkHandlers;
  private connectedBefore = false;
  private stopped = false;
  private resumes = true;
  /** No attempt of our own before: the server asked for a pause. */
  private heldUntil = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly onOnline = (): void => {
    if (Date.now() >= this.heldUntil) this.retryNow();
  };
  private readonly onOffline = (): void => {
    if (!this.socket.connected) this.tell({ kind: 'offline' });
  };

  constructor(socket: Socket, handlers: LinkHandlers) {
    this.socket = socket;
    this.handlers = handlers;
    this.listen();
    this.watchBackoff();
  }

  /** False while the next connection is to be another one than before, not its continuation. */
  get mayResume(): boolean {
    return this.resumes;
  }

  start(): void {
    this.tell({ kind: 'connecting' });
    globalThis.addEventListener?.('online', this.onOnline);
    globalThis.addEventListener?.('offline', this.onOffline);
    this.socket.connect();
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
    globalThis.removeEventListener?.('online', this.onOnline);
    globalThis.removeEventListener?.('offline', this.onOffline);
    this.socket.disconnect();
    this.socket.removeAllListeners();
  }

  retryNow(): void {
    if (this.socket.connected || this.stopped) return;
    this.reopen(this.connectedBefore ? 'reconnecting' : 'connecting');
  }

  renew(): void {
    if (this.stopped) return;
    this.resumes = false;
    this.reopen('connecting');
  }

  private reopen(kind: 'connecting' | 'reconnecting'): void {
    clearTimeout(this.timer);
    this.heldUntil = 0;
    // Closing first takes back the manager's pending timer; pid and offset stay with the socket, so
    // the server can still resume.
    this.socket.disconnect();
    this.tell({ kind });
    this.socket.connect();
  }

  private listen(): void {
    const manager = this.socket.io;
    this.socket.on('connect', () => {
      const first = !this.connectedBefore;
      this.connectedBefore = true;
      this.resumes = true;
      this.tellTransport();
      manager.engine.on('upgrade', () => this.tellTransport());
      this.handlers.connected({ first, recovered: this.socket.recovered });
    });
    this.socket.on('disconnect', (reason) => {
      if (reason === 'io client disconnect') return;
      // socket.io-client leaves a connection that the server ended to the application.
      if (reason === 'io server disconnect') this.reopenIn(1_000 + Math.random() * 2_000);
      else this.tellWaitingOrOffline();
    });
    this.socket.on('connect_error', (error: Error & { data?: unknown }) => {
      // While it is active the manager tries again by itself: this is about the network.
      if (!this.socket.active) this.takeRefusal(error);
    });
    manager.on('reconnect_attempt', () => this.tellWaitingOrOffline());
    manager.on('reconnect_failed', () => this.tell({ kind: 'offline' }));
  }

  private takeRefusal(error: Error & { data?: unknown }): void {
    const info = decodeError(asFields(error.data)) ?? { code: 'refused', message: error.message };
    if (isTokenRefusal(info.code)) {
      this.tell({ kind: 'refused', code: info.code });
    } else if (info.code === 'rate_limited') {
      const seconds = Math.min(info.retryAfter ?? kRefusedPauseS, kLongestPauseS);
      this.reopenIn(seconds * 1_000 + Math.random() * 1_000);
    } else {
      this.tell({ kind: 'offline' });
    }
    if (!this.stopped) this.handlers.refused(info);
  }

  private reopenIn(delayMs: number): void {
    this.heldUntil = Date.now() + delayMs;
    this.tell({ kind: 'waiting', until: this.heldUntil });
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.retryNow(), delayMs);
  }

  private watchBackoff(): void {
    const backoff = (this.socket.io as unknown as HasBackoff).backoff;
    if (!backoff) return;
    const original = backoff.duration.bind(backoff);
    backoff.duration = (): number => {
      const delay = original();
      this.tellWaitingOrOffline(Date.now() + delay);
      return delay;
    };
  }

  private tellWaitingOrOffline(until?: number): void {
    if (globalThis.navigator?.onLine === false) this.tell({ kind: 'offline' });
    else if (until !== undefined) this.tell({ kind: 'waiting', until });
    else this.tell({ kind: 'reconnecting' });
  }

  private tellTransport(): void {
    if (!this.socket.connected) return;
    const name = this.socket.io.engine.transport.name;
    this.tell({ kind: 'live', transport: name === 'polling' ? 'polling' : 'websocket' });
  }

  private tell(state: LinkState): void {
    if (!this.stopped) this.handlers.state(state);
  }
}
