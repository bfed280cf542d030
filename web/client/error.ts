import { asFields, asNumber, asText } from './decode.js';

/** What every refusal of the server carries, over HTTP and in acknowledgements alike. */
export interface ErrorInfo {
  /** For programs: `bad_credentials`, `token_expired`, `rate_limited` ... */
  code: string;
  /** For people who read logs. */
  message: string;
  /** Seconds until another attempt can succeed, where the server knows. */
  retryAfter?: number;
}

/** `code` of a `connect_error` with which the server refuses this visitor, not this moment. */
export type TokenRefusal = 'token_missing' | 'token_invalid' | 'token_expired' | 'token_revoked';

const kTokenRefusals: ReadonlySet<string> = new Set<TokenRefusal>([
  'token_missing',
  'token_invalid',
  'token_expired',
  'token_revoked',
]);

/** Whether another token, and nothing else, would help. */
export function isTokenRefusal(code: string): code is TokenRefusal {
  return kTokenRefusals.has(code);
}

/**
 * A request that the server refused, or that never got an answer: `code` is then `unreachable`,
 * `not_connected` or `timeout`, and `unexpected` for an answer that is none.
 */
export class TrackwireError extends Error {
  readonly code: string;
  readonly retryAfter: number | undefined;

  constructor(info: ErrorInfo) {
    super(info.message);
    this.name = 'TrackwireError';
    this.code = info.code;
    this.retryAfter = info.retryAfter;
  }
}

/** `{code, message, retry_after?}`, or null when there is no code in it. */
export function decodeError(value: unknown): ErrorInfo | null {
  const fields = asFields(value);
  const code = asText(fields?.['code']);
  if (!fields || code === undefined) return null;
  const info: ErrorInfo = { code, message: asText(fields['message']) ?? code };
  const retryAfter = asNumber(fields['retry_after']);
  if (retryAfter !== undefined && retryAfter >= 0) info.retryAfter = retryAfter;
  return info;
}
