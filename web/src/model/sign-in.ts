import { TrackwireError } from '../../client/index.js';

/** Without a word from the server on when to try again. */
const kPauseS = 30;

/** How an attempt to sign in ended. */
export type SignInOutcome =
  | { kind: 'done' }
  | { kind: 'mismatch' }
  /** Not before `until`, milliseconds of `Date.now()`. */
  | { kind: 'wait'; until: number }
  | { kind: 'failed'; text: string };

/** What a failed attempt means to the person who made it. */
export function outcomeOf(error: unknown, nowMs = Date.now()): SignInOutcome {
  const code = error instanceof TrackwireError ? error.code : 'unexpected';
  switch (code) {
    case 'bad_credentials':
      return { kind: 'mismatch' };
    case 'rate_limited': {
      const seconds = (error as TrackwireError).retryAfter ?? kPauseS;
      return { kind: 'wait', until: nowMs + Math.max(1, seconds) * 1_000 };
    }
    case 'not_found':
      return { kind: 'failed', text: 'This server does not take passwords.' };
    case 'unreachable':
      return { kind: 'failed', text: 'The server does not answer. Try again.' };
    default:
      return { kind: 'failed', text: 'That did not work. Try again in a moment.' };
  }
}
