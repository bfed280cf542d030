import { asFields } from './decode.js';
import { type ErrorInfo, TrackwireError, decodeError } from './error.js';

/**
 * The JSON that `url` answers with; null for an answer without a body.
 *
 * Throws a TrackwireError with the server's code; `unreachable` when there was no answer or the
 * signal ended the wait.
 */
export async function askJson(url: string, init: RequestInit): Promise<unknown> {
  let response: Response;
  let text: string;
  try {
    response = await fetch(url, { credentials: 'include', ...init });
    text = await response.text();
  } catch {
    throw new TrackwireError({ code: 'unreachable', message: `${url} does not answer` });
  }
  const body = parse(text);
  if (!response.ok) throw new TrackwireError(refusalOf(response, body));
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

/** From the body; a proxy in between may answer with a status and a header alone. */
function refusalOf(response: Response, body: unknown): ErrorInfo {
  const info = decodeError(asFields(body)?.['error']) ?? {
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
