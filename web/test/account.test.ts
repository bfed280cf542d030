import { afterEach, describe, expect, it, vi } from 'vitest';

import { TrackwireError, fetchMe, signIn, signOut } from '../client/index.js';
import {
  decodeInterestAnswer,
  decodeSession,
  decodeTrackersChange,
} from '../client/decode.js';
import { decodeError, isTokenRefusal } from '../client/error.js';
import { formatLocalMinute, formatWait } from '../src/format/time.js';
import { hasEnded, isAdmin, personOf, sameIdentity, staysVisible } from '../src/model/identity.js';
import { outcomeOf } from '../src/model/sign-in.js';

function session(fields: object = {}) {
  return decodeSession({ user: 'ada', roles: ['user'], clients: [1, 'x'], ...fields });
}

const kAnonymous = decodeSession({ user: null });

describe('identity', () => {
  it('is the same whatever the order of its rights', () => {
    expect(sameIdentity(session(), session({ clients: ['x', 1] }))).toBe(true);
    expect(sameIdentity(session(), session({ reason: 'authenticated' }))).toBe(true);
  });

  it('is another with another user, role, permission or client', () => {
    expect(sameIdentity(session(), session({ user: 'eve' }))).toBe(false);
    expect(sameIdentity(session(), session({ roles: ['admin'] }))).toBe(false);
    expect(sameIdentity(session(), session({ permissions: ['p'] }))).toBe(false);
    expect(sameIdentity(session(), session({ clients: ['1', 'x'] }))).toBe(false);
    expect(sameIdentity(session(), kAnonymous)).toBe(false);
    expect(sameIdentity(kAnonymous, decodeSession({}))).toBe(true);
  });

  it('ends when nobody is signed in any more', () => {
    expect(hasEnded(session(), kAnonymous)).toBe(true);
    expect(hasEnded(undefined, kAnonymous)).toBe(false);
    expect(hasEnded(kAnonymous, kAnonymous)).toBe(false);
    expect(hasEnded(session(), session({ user: 'eve' }))).toBe(false);
  });

  it('may have rights and no name', () => {
    const nameless = decodeSession({ user: null, roles: ['user'], clients: ['x'] });
    expect(personOf(nameless)?.name).toBe('Signed in');
    expect(personOf(kAnonymous)).toBeNull();
    expect(personOf(undefined)).toBeNull();
    expect(hasEnded(nameless, kAnonymous)).toBe(true);
    expect(staysVisible(nameless, kAnonymous)('x')).toBe(false);
  });

  it('of an administrator is told by the role alone', () => {
    expect(isAdmin(session({ roles: ['user', 'admin'] }))).toBe(true);
    expect(isAdmin(session({ permissions: ['admin'] }))).toBe(false);
    expect(isAdmin(undefined)).toBe(false);
  });

  it('decides what stays on the page', () => {
    const narrower = staysVisible(session(), session({ clients: ['x'] }));
    expect([narrower('x'), narrower(1), narrower(undefined)]).toEqual([true, false, false]);
    const ended = staysVisible(session({ roles: ['admin'] }), kAnonymous);
    expect([ended('x'), ended(undefined)]).toEqual([false, false]);
    // A role may have shown more of the same trackers.
    const demoted = staysVisible(session({ roles: ['admin', 'user'] }), session());
    expect(demoted('x')).toBe(false);
    // What is public stays so for whoever signs in.
    const entered = staysVisible(kAnonymous, session({ clients: [] }));
    expect([entered('x'), entered(undefined)]).toEqual([true, true]);
    expect(staysVisible(session(), session({ roles: ['admin'], clients: [] }))(2)).toBe(true);
  });
});

describe('what the server says about accounts', () => {
  it('is read whatever else is in it', () => {
    expect(session({ reason: 'expired' }).reason).toBe('expired');
    expect(session({ reason: 'another' }).reason).toBeUndefined();
    expect(decodeTrackersChange({ trackers: [1, 'a', {}] })).toEqual({ trackers: [1, 'a'] });
    expect(decodeTrackersChange({ trackers: null })).toEqual({ trackers: null });
    // When in doubt, about everything.
    expect(decodeTrackersChange('garbage')).toEqual({ trackers: null });
  });

  it('names what a subscription got', () => {
    const position = { latitude: 1, longitude: 2, fix_time: '2026-01-01T00:00:00.000Z' };
    const answer = decodeInterestAnswer({
      granted: { trackers: [7], bbox: [170, -10, -170, 10] },
      refused: { trackers: ['secret'], clients: [] },
      positions: [{ tracker_id: 7, ...position }, { tracker_id: 8 }],
      offset: '12-0',
    });
    expect(answer).toEqual({
      granted: { trackers: [7], bbox: [170, -10, -170, 10] },
      refused: { trackers: ['secret'] },
      positions: [{ tracker_id: 7, ...position }],
      offset: '12-0',
      truncated: false,
    });
    expect(decodeInterestAnswer({ positions: [] })).toBeNull();
  });

  it('tells refusals of a token from others', () => {
    expect(decodeError({ code: 'rate_limited', message: 'm', retry_after: 2.5 })).toEqual({
      code: 'rate_limited',
      message: 'm',
      retryAfter: 2.5,
    });
    expect(decodeError({ code: 'x', retry_after: -1 })).toEqual({ code: 'x', message: 'x' });
    expect(decodeError({ message: 'no code' })).toBeNull();
    expect(isTokenRefusal('token_expired')).toBe(true);
    expect(isTokenRefusal('rate_limited')).toBe(false);
  });
});

describe('signing in', () => {
  afterEach(() => vi.unstubAllGlobals());

  function answering(status: number, body: string, headers: Record<string, string> = {}) {
    const asked = vi.fn((_url: string, _init: RequestInit) =>
      Promise.resolve(new Response(status === 204 ? null : body, { status, headers })),
    );
    vi.stubGlobal('fetch', asked);
    return asked;
  }

  it('sends name and password once, as JSON, with the cookie', async () => {
    const asked = answering(200, '{"session":{"user":"ada","roles":["user"]}}');
    const info = await signIn({ user: 'ada', password: 'secret' });
    expect(info.user?.id).toBe('ada');
    const [url, init] = asked.mock.calls[0] ?? [];
    expect(url).toBe('/api/login');
    expect(init).toMatchObject({ method: 'POST', credentials: 'include' });
    expect(JSON.parse(String(init?.body))).toEqual({ user: 'ada', password: 'secret' });
  });

  it('throws what the server said', async () => {
    answering(401, '{"error":{"code":"bad_credentials","message":"no"}}');
    const error: unknown = await signIn({ user: 'a', password: 'b' }).catch((caught) => caught);
    expect(error).toBeInstanceOf(TrackwireError);
    expect(outcomeOf(error)).toEqual({ kind: 'mismatch' });
  });

  it('says when to try again, by the body or the header', async () => {
    const caught = () => signIn({ user: 'a', password: 'b' }).catch((error: unknown) => error);
    answering(429, '{"error":{"code":"rate_limited","message":"m","retry_after":12.5}}');
    expect(outcomeOf(await caught(), 1_000)).toEqual({ kind: 'wait', until: 13_500 });
    answering(429, '<html>', { 'retry-after': '7' });
    expect(outcomeOf(await caught(), 1_000)).toEqual({ kind: 'wait', until: 8_000 });
    answering(429, '');
    expect(outcomeOf(await caught(), 1_000)).toEqual({ kind: 'wait', until: 31_000 });
  });

  it('tells a server that does not answer from one without passwords', async () => {
    vi.stubGlobal('fetch', () => Promise.reject(new TypeError('network')));
    const away = outcomeOf(await fetchMe().catch((error: unknown) => error));
    expect(away).toMatchObject({ kind: 'failed', text: /does not answer/ });
    answering(404, '');
    const off = outcomeOf(await signIn({ user: 'a', password: 'b' }).catch((error) => error));
    expect(off).toMatchObject({ kind: 'failed', text: /does not take passwords/ });
  });

  it('refuses an answer that is none', async () => {
    answering(200, '<html>a captive portal</html>');
    await expect(fetchMe()).rejects.toMatchObject({ code: 'unexpected' });
    answering(204, '');
    await expect(signOut()).resolves.toBeUndefined();
  });
});

describe('times to wait', () => {
  it('are never too short', () => {
    expect(formatWait(-5)).toBe('1 s');
    expect(formatWait(41_001)).toBe('42 s');
    expect(formatWait(60_000)).toBe('1 min');
    expect(formatWait(75_000)).toBe('1 min 15 s');
    expect(formatWait(3_601_000)).toBe('2 h');
  });

  it('end at a minute', () => {
    const time = new Date(2026, 10, 23, 14, 2, 31).getTime();
    expect(formatLocalMinute(time, time)).toBe('14:02');
    expect(formatLocalMinute(time, time + 86_400_000)).toBe('2026-11-23 14:02');
  });
});
