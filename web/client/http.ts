import { asFields } from './decode.js';
import { type ErrorInfo, TrackwireError, decodeError } from './error.js';

/** An answer of any status; `body` is undefined when it is no JSON. */
export interface HttpAnswer {
  response: Response;
  body: unknown;
}

/** How somebody is known to the server in a request of their own. */
export interface Presented {
  /** Presented instead of the cookie. */
  token?: string;
  /** Asks as nobody in particular, whatever the cookie says. */
  anonymous?: boolean;
  signal?: AbortSignal;
}

/** What `fetch` is told for a caller who wants JSON. */
export function requestOf({ token, anonymous = false, signal }: Presented): RequestInit {
  return {
    headers: {
      accept: 'application/json',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    ...(anonymous || token !== undefined ? { credentials: 'omit' } : {}),
    ...(signal ? { signal } : {}),
  };
}

/** Throws a TrackwireError `unreachable` when nothing answered or the signal ended the wait. */
export async function ask(url: string, init: RequestInit): Promise<HttpAnswer> {
  try {
    const response = await fetch(url, { credentials: 'include', ...init });
    return { response, body: parse(await response.text()) };
  } catch {
    throw new TrackwireError({ code: 'unreachable', message: `${url} does not answer` });
  }
}

/**
 * The JSON that `url` answers with; null for an answer without a body.
 *
 * Throws a TrackwireError with the server's code; `unreachable` when there was no answer or the
 * signal ended the wait.
 */
export async function askJson(url: string, init: RequestInit): Promise<unknown> {
  const { response, body } = await ask(url, init);
  if (!response.ok) throw new TrackwireError(refusalOf(response, asFields(body)?.['error']));
  if (response.status !== 204 && body === undefined) {
    throw new TrackwireError({ code: 'unexpected', message: `${url} did not answer with JSON` });
  }
  return body ?? null;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** From the body's error; a proxy in between may answer with a status and a header alone. */
export function refusalOf(response: Response, error: unknown): ErrorInfo {
  const info = decodeError(error) ?? {
    code: codeOfStatus(response.status),
    message: `answered with ${response.status}`,
  };
  const header = response.headers.get('retry-after');
  if (info.retryAfter === undefined && header !== null && Number(header) >= 0) {
    info.retryAfter = Number(header);
  }
  return info;
}

function codeOfStatus(status: number): string {
  if (status === 401) return 'unauthorized';
  if (status === 404) return 'not_found';
  return status === 429 ? 'rate_limited' : 'unexpected';
}
