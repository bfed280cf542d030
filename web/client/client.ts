import { io, type Socket } from 'socket.io-client';

import { decodeLocationUpdate, decodeSession, decodeStatusChange } from './decode.js';
import type { LocationUpdate, SessionInfo, StatusChange } from './types.js';

/** What the connection does; `waiting` until `until` (milliseconds of `Date.now()`). */
export type LinkState =
  | { kind: 'connecting' }
  | { kind: 'live'; transport: 'websocket' | 'polling' }
  | { kind: 'waiting'; until: number }
  | { kind: 'reconnecting' }
  | { kind: 'offline' };

export interface ClientHandlers {
  link?(state: LinkState): void;
  /**
   * A connection stands. `first` on the page's first one; `recovered` when the server will replay
   * what was missed. Otherwise the tracker list has to be fetched again.
   */
  connected?(how: { first: boolean; recovered: boolean }): void;
  session?(session: SessionInfo): void;
  location?(update: LocationUpdate): void;
  status?(change: StatusChange): void;
}

export interface ClientOptions {
  /** Where the server is; the page's own origin by default. */
  url?: string;
  /** Presented at each connect; without it the server looks at the cookie. */
  token?: () => string | undefined;
  reconnectionAttempts?: number;
  /** Milliseconds before the first reconnection; it grows up to `reconnectionDelayMax`. */
  reconnectionDelay?: number;
  reconnectionDelayMax?: number;
}

// The manager's back-off has no public event for the delay it chose.
interface HasBackoff {
  backoff?: { duration(): number };
}

/**
 * A Trackwire connection with typed events.
 *
 * Reconnects by itself, resumes where the server still can, falls back to polling where WebSocket
 * is blocked. Payloads that are not what their event promises are dropped. After `stop()` no
 * handler is called any more.
 */
export class TrackwireClient {
  private readonly socket: Socket;
  private readonly handlers: ClientHandlers;
  private connectedBefore = false;
  private stopped = false;
  private serverClosedTimer: ReturnType<typeof setTimeout> | undefined;
  private readonly onOnline = (): void => this.retryNow();
  private readonly onOffline = (): void => {
    if (!this.socket.connected) this.tell({ kind: 'offline' });
  };

  /** Does not connect yet: see `start()`. */
  constructor(handlers: ClientHandlers, options: ClientOptions = {}) {
    this.handlers = handlers;
    const token = options.token;
    this.socket = io(options.url ?? '/', {
      autoConnect: false,
      transports: ['websocket', 'polling'],
      upgrade: true,
      tryAllTransports: true,
      withCredentials: true,
      reconnection: true,
      reconnectionAttempts: options.reconnectionAttempts ?? Infinity,
      reconnectionDelay: options.reconnectionDelay ?? 1_000,
      reconnectionDelayMax: options.reconnectionDelayMax ?? 15_000,
      timeout: 20_000,
      ...(token ? { auth: (give: (data: object) => void) => give({ token: token() }) } : {}),
    });
    this.listenToEvents();
    this.listenToLink();
    this.watchBackoff();
  }

  start(): void {
    this.tell({ kind: 'connecting' });
    globalThis.addEventListener?.('online', this.onOnline);
    globalThis.addEventListener?.('offline', this.onOffline);
    this.socket.connect();
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.serverClosedTimer);
    globalThis.removeEventListener?.('online', this.onOnline);
    globalThis.removeEventListener?.('offline', this.onOffline);
    this.socket.disconnect();
    this.socket.removeAllListeners();
  }

  /** Connects at once instead of waiting for the back-off. Nothing happens while connected. */
  retryNow(): void {
    if (this.socket.connected || this.stopped) return;
    clearTimeout(this.serverClosedTimer);
    // Closing first takes back the manager's pending timer; pid and offset stay with the socket, so
    // the server can still resume.
    this.socket.disconnect();
    this.tell({ kind: this.connectedBefore ? 'reconnecting' : 'connecting' });
    this.socket.connect();
  }

  private listenToEvents(): void {
    this.socket.on('session', (value: unknown) => this.handlers.session?.(decodeSession(value)));
    this.socket.on('tracker_location_updated', (value: unknown) => {
      const update = decodeLocationUpdate(value);
      if (update) this.handlers.location?.(update);
    });
    this.socket.on('tracker_status_change', (value: unknown) => {
      const change = decodeStatusChange(value);
      if (change) this.handlers.status?.(change);
    });
  }

  private listenToLink(): void {
    const manager = this.socket.io;
    this.socket.on('connect', () => {
      const first = !this.connectedBefore;
      this.connectedBefore = true;
      this.tellTransport();
      manager.engine.on('upgrade', () => this.tellTransport());
      this.handlers.connected?.({ first, recovered: this.socket.recovered });
    });
    this.socket.on('disconnect', (reason) => {
      if (reason === 'io client disconnect') return;
      if (reason === 'io server disconnect') this.reopenAfterServerClosed();
      else this.tellWaitingOrOffline();
    });
    this.socket.on('connect_error', () => {
      // Inactive means the server refused this visitor; trying again would not help.
      if (!this.socket.active) this.tell({ kind: 'offline' });
    });
    manager.on('reconnect_attempt', () => this.tell({ kind: 'reconnecting' }));
    manager.on('reconnect_failed', () => this.tell({ kind: 'offline' }));
  }

  /** socket.io-client leaves a connection that the server ended to the application. */
  private reopenAfterServerClosed(): void {
    const delay = 1_000 + Math.random() * 2_000;
    this.tell({ kind: 'waiting', until: Date.now() + delay });
    this.serverClosedTimer = setTimeout(() => this.retryNow(), delay);
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
    if (!this.stopped) this.handlers.link?.(state);
  }
}
