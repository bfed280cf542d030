import { type Socket, io } from 'socket.io-client';

import {
  type Fields,
  asFields,
  decodeInterestAnswer,
  decodeLocationUpdate,
  decodeSession,
  decodeStatusChange,
  decodeTrackersChange,
  decodeUpdateNews,
} from './decode.js';
import { type ErrorInfo, TrackwireError, decodeError } from './error.js';
import {
  decodeGeocodingError,
  decodeGeocodingQueued,
  decodeGeocodingResult,
  decodeGeocodingTaken,
} from './geocoding-decode.js';
import { Link, type LinkState } from './link.js';
import type {
  GeocodingError,
  GeocodingQueued,
  GeocodingRequest,
  GeocodingResult,
  GeocodingTaken,
  Interest,
  InterestAnswer,
  LocationUpdate,
  SessionInfo,
  StatusChange,
  TrackersChange,
  UpdateNews,
} from './types.js';

/** How long the server has for an acknowledgement. */
const kAckPatienceMs = 15_000;

export interface ClientHandlers {
  link?(state: LinkState): void;
  /**
   * A connection stands. `first` on the page's first one; `recovered` when the server will replay
   * what was missed. Otherwise the tracker list has to be fetched again.
   */
  connected?(how: { first: boolean; recovered: boolean }): void;
  /**
   * The server refuses this visitor. `token_missing`, `token_invalid`, `token_expired` and
   * `token_revoked`: nothing more is tried until `renew()` or `retryNow()`. `rate_limited`: the
   * next attempt follows by itself after the pause that the server asked for.
   */
  refused?(error: ErrorInfo): void;
  /** After connecting, and with a `reason` when it changed since. */
  session?(session: SessionInfo): void;
  location?(update: LocationUpdate): void;
  status?(change: StatusChange): void;
  /** What this visitor may see, or what is known of it, is not what the last list said. */
  trackersChanged?(change: TrackersChange): void;
  /** How far a request that named this connection is; see `requestUpdate()`. */
  updateStatus?(news: UpdateNews): void;
  /** What becomes of `requestGeocoding()`: it waits in a line ... */
  geocodingQueued?(queued: GeocodingQueued): void;
  /** ... there is an address; after a provisional one more follows ... */
  geocodingResult?(result: GeocodingResult): void;
  /** ... or there is none. */
  geocodingError?(error: GeocodingError): void;
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

/**
 * A Trackwire connection with typed events.
 *
 * Reconnects by itself, resumes where the server still can, falls back to polling where WebSocket
 * is blocked. Payloads that are not what their event promises are dropped. After `stop()` no
 * handler is called any more.
 */
export class TrackwireClient {
  private readonly socket: Socket;
  private readonly link: Link;
  private readonly handlers: ClientHandlers;
  private readonly givenToken: (() => string | undefined) | undefined;
  /** From `authenticate()`: newer than the one the application started with. */
  private acceptedToken: string | undefined;

  /** Does not connect yet: see `start()`. */
  constructor(handlers: ClientHandlers, options: ClientOptions = {}) {
    this.handlers = handlers;
    this.givenToken = options.token;
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
      auth: (give: (data: object) => void) => give(this.credentials()),
    });
    this.link = new Link(this.socket, {
      state: (state) => handlers.link?.(state),
      connected: (how) => handlers.connected?.(how),
      refused: (error) => handlers.refused?.(error),
    });
    this.listenToEvents();
  }

  /**
   * By what the server knows this connection; undefined without one. A resumed connection keeps its
   * name, any other gets a new one.
   */
  get socketId(): string | undefined {
    return this.socket.connected ? this.socket.id : undefined;
  }

  start(): void {
    this.link.start();
  }

  stop(): void {
    this.link.stop();
  }

  /** Connects at once instead of waiting for the back-off. Nothing happens while connected. */
  retryNow(): void {
    this.link.retryNow();
  }

  /**
   * Connects anew as whoever the cookie, or `token()`, stands for now: after signing in or out over
   * HTTP. Nothing of the present connection is resumed.
   */
  renew(): void {
    this.acceptedToken = undefined;
    this.link.renew();
  }

  /**
   * Presents a new token on the open connection, which keeps its place in the stream; it is also
   * what later connections present. For those who hold tokens: a cookie needs `renew()`.
   *
   * Throws a TrackwireError with a TokenRefusal, `rate_limited`, `not_connected` or `timeout`; the
   * session then stays what it was.
   */
  async authenticate(token: string): Promise<SessionInfo> {
    const answer = await this.ask('authenticate', { token });
    this.acceptedToken = token;
    return decodeSession(answer['session']);
  }

  /**
   * Narrows the stream to what is named, in addition to earlier calls. Before the first one a
   * connection hears of everything that its user may see. Lasts as long as the connection and its
   * resumptions: repeat it when `connected` says `recovered: false`.
   *
   * Throws a TrackwireError: `too_many_subscriptions`, `rate_limited`, `not_connected` ...
   */
  subscribe(interest: Interest): Promise<InterestAnswer> {
    return this.askInterest('subscribe', interest);
  }

  /**
   * Takes back what `subscribe()` named, and all of it when `interest` names nothing; the answer
   * says what is left. Whoever has nothing left hears of no tracker. Throws as `subscribe()`.
   */
  unsubscribe(interest: Interest): Promise<InterestAnswer> {
    return this.askInterest('unsubscribe', interest);
  }

  /**
   * Asks for the address of a point. The address itself, or why there is none, is told to
   * `geocodingQueued`, `geocodingResult` and `geocodingError`, with the request's id; maybe before
   * this promise settles, and after an interruption if the connection was resumed.
   *
   * Throws a TrackwireError with a GeocodingFault, `not_connected`, `timeout`, or `unknown_event`
   * when the server knows no addresses.
   */
  async requestGeocoding(request: GeocodingRequest): Promise<GeocodingTaken> {
    const answer = await this.ask('request_geocoding', request);
    const taken = decodeGeocodingTaken(answer, request.request_id);
    if (taken) return taken;
    throw unusable('request_geocoding');
  }

  private credentials(): object {
    const token = this.acceptedToken ?? this.givenToken?.();
    return {
      ...(token === undefined ? {} : { token }),
      // Written over what socket.io-client would say to resume the earlier connection.
      ...(this.link.mayResume ? {} : { pid: undefined, offset: undefined }),
    };
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
    this.socket.on('trackers_changed', (value: unknown) =>
      this.handlers.trackersChanged?.(decodeTrackersChange(value)),
    );
    this.socket.on('tracker_update_status', (value: unknown) => {
      const news = decodeUpdateNews(value);
      if (news) this.handlers.updateStatus?.(news);
    });
    this.socket.on('geocoding_queued', (value: unknown) => {
      const queued = decodeGeocodingQueued(value);
      if (queued) this.handlers.geocodingQueued?.(queued);
    });
    this.socket.on('geocoding_result', (value: unknown) => {
      const result = decodeGeocodingResult(value);
      if (result) this.handlers.geocodingResult?.(result);
    });
    this.socket.on('geocoding_error', (value: unknown) => {
      const error = decodeGeocodingError(value);
      if (error) this.handlers.geocodingError?.(error);
    });
  }

  private async askInterest(event: string, interest: Interest): Promise<InterestAnswer> {
    const answer = decodeInterestAnswer(await this.ask(event, interest));
    if (answer) return answer;
    throw unusable(event);
  }

  private async ask(event: string, payload: object): Promise<Fields> {
    const away = { code: 'not_connected', message: `${event}: there is no connection` };
    if (!this.socket.connected) throw new TrackwireError(away);
    let answer: unknown;
    try {
      answer = await this.socket.timeout(kAckPatienceMs).emitWithAck(event, payload);
    } catch {
      if (!this.socket.connected) throw new TrackwireError(away);
      throw new TrackwireError({ code: 'timeout', message: `${event}: no answer in time` });
    }
    const fields = asFields(answer) ?? {};
    const error = decodeError(fields['error']);
    if (error) throw new TrackwireError(error);
    return fields;
  }
}

function unusable(event: string): TrackwireError {
  return new TrackwireError({ code: 'unexpected', message: `${event}: no usable answer` });
}
