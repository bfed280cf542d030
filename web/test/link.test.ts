import type { Socket } from 'socket.io-client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import type { ErrorInfo } from '../client/error.js';
import { Link, type LinkState } from '../client/link.js';

class FakeEmitter {
  private readonly listeners = new Map<string, Array<(value: unknown) => void>>();

  on(event: string, listener: (value: never) => void): void {
    const list = this.listeners.get(event) ?? [];
    this.listeners.set(event, [...list, listener as (value: unknown) => void]);
  }
  emit(event: string, value?: unknown): void {
    for (const listener of this.listeners.get(event) ?? []) listener(value);
  }
  removeAllListeners(): void {
    this.listeners.clear();
  }
}

/** As much of a socket as the link looks at. */
class FakeSocket extends FakeEmitter {
  connected = false;
  active = true;
  recovered = false;
  opened = 0;
  readonly io = Object.assign(new FakeEmitter(), {
    engine: Object.assign(new FakeEmitter(), { transport: { name: 'websocket' } }),
    backoff: { duration: () => 4_000 },
  });

  connect(): void {
    this.opened++;
    this.active = true;
  }
  disconnect(): void {
    this.connected = false;
    this.active = false;
  }
  arrive(): void {
    this.connected = true;
    this.emit('connect');
  }
  refuse(data: object): void {
    // As socket.io-client does after a CONNECT_ERROR packet.
    this.active = false;
    this.emit('connect_error', Object.assign(new Error('refused'), { data }));
  }
}

let socket: FakeSocket;
let states: LinkState[];
let refusals: ErrorInfo[];
let link: Link;

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(Math, 'random').mockReturnValue(0);
  socket = new FakeSocket();
  states = [];
  refusals = [];
  link = new Link(socket as unknown as Socket, {
    state: (state) => states.push(state),
    connected: () => undefined,
    refused: (error) => refusals.push(error),
  });
  link.start();
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const last = () => states.at(-1);

describe('link', () => {
  it.each(['token_missing', 'token_invalid', 'token_expired', 'token_revoked'])(
    'waits for other credentials after %s',
    (code) => {
      socket.refuse({ code, message: 'm' });
      expect(last()).toEqual({ kind: 'refused', code });
      expect(refusals).toEqual([{ code, message: 'm' }]);
      vi.advanceTimersByTime(3_600_000);
      expect(socket.opened).toBe(1);
      link.renew();
      expect(socket.opened).toBe(2);
      expect(last()).toEqual({ kind: 'connecting' });
    },
  );

  it('comes back when a rate limit says so, not before', () => {
    socket.refuse({ code: 'rate_limited', message: 'm', retry_after: 12 });
    expect(last()).toEqual({ kind: 'waiting', until: Date.now() + 12_000 });
    vi.advanceTimersByTime(11_999);
    expect(socket.opened).toBe(1);
    vi.advanceTimersByTime(1);
    expect(socket.opened).toBe(2);
  });

  it('waits at most an hour, and half a minute when not told', () => {
    socket.refuse({ code: 'rate_limited', retry_after: 1e9 });
    expect(last()).toEqual({ kind: 'waiting', until: Date.now() + 3_600_000 });
    socket.refuse({ code: 'rate_limited' });
    expect(last()).toEqual({ kind: 'waiting', until: Date.now() + 30_000 });
  });

  it('is offline after a refusal it does not know', () => {
    socket.refuse({});
    expect(last()).toEqual({ kind: 'offline' });
    expect(refusals).toEqual([{ code: 'refused', message: 'refused' }]);
  });

  it('tells the delay of the back-off', () => {
    socket.io.backoff.duration();
    expect(last()).toEqual({ kind: 'waiting', until: Date.now() + 4_000 });
  });

  it('resumes after a cut and not after a renewal', () => {
    socket.arrive();
    expect(last()).toEqual({ kind: 'live', transport: 'websocket' });
    socket.connected = false;
    socket.emit('disconnect', 'transport close');
    expect(last()).toEqual({ kind: 'reconnecting' });
    expect(link.mayResume).toBe(true);
    socket.arrive();
    link.renew();
    expect(link.mayResume).toBe(false);
    socket.arrive();
    expect(link.mayResume).toBe(true);
  });

  it('opens again what the server closed, and nothing after stop', () => {
    socket.arrive();
    socket.connected = false;
    socket.emit('disconnect', 'io server disconnect');
    vi.advanceTimersByTime(1_000);
    expect(socket.opened).toBe(2);
    link.stop();
    const before = states.length;
    link.renew();
    link.retryNow();
    vi.advanceTimersByTime(60_000);
    expect([socket.opened, states.length]).toEqual([2, before]);
  });
});
