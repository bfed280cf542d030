import { asFields, decodeSession } from './decode.js';
import { askJson } from './http.js';
import type { SessionInfo } from './types.js';

const kPatienceMs = 20_000;

/** Answer of `GET /api/me`. */
export interface Me {
  session: SessionInfo;
  /** Whether this server signs people in with a password. */
  login: boolean;
}

export interface Credentials {
  /** A name or an email address. */
  user: string;
  password: string;
}

/**
 * Signs in; the server sets a cookie that scripts cannot read. A connection that already stands
 * keeps its identity until `TrackwireClient.renew()`.
 *
 * Throws a TrackwireError: `bad_credentials`, `rate_limited` with `retryAfter`, `not_found` where
 * passwords are switched off, `unreachable`.
 */
export async function signIn(credentials: Credentials, base = ''): Promise<SessionInfo> {
  const answer = await askJson(`${base}/api/login`, request('POST', credentials));
  return decodeSession(asFields(answer)?.['session']);
}

/** Revokes the cookie's token and takes the cookie away. Throws a TrackwireError. */
export async function signOut(base = ''): Promise<void> {
  await askJson(`${base}/api/logout`, request('POST', {}));
}

/** Who the cookie stands for, and whether one can sign in here. Throws a TrackwireError. */
export async function fetchMe(base = ''): Promise<Me> {
  const answer = asFields(await askJson(`${base}/api/me`, request('GET')));
  return { session: decodeSession(answer?.['session']), login: answer?.['login'] === true };
}

function request(method: string, body?: object): RequestInit {
  return {
    method,
    cache: 'no-store',
    signal: AbortSignal.timeout(kPatienceMs),
    headers: {
      accept: 'application/json',
      ...(body ? { 'content-type': 'application/json' } : {}),
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
  };
}
