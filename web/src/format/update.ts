import { formatWait } from './time.js';

/** How the update of one tracker stands; `reason` is a code, `retryAfter` seconds. */
export type UpdatePhase =
  | { kind: 'idle' }
  | { kind: 'queued' }
  | { kind: 'fetching' }
  | { kind: 'updated' }
  | { kind: 'unchanged' }
  | { kind: 'failed'; reason: string; retryAfter?: number };

/** A request is under way; another one would only join it. */
export function isBusy(phase: UpdatePhase): boolean {
  return phase.kind === 'queued' || phase.kind === 'fetching';
}

/** What the button says. */
export function updateWord(phase: UpdatePhase): string {
  switch (phase.kind) {
    case 'idle':
      return 'Update now';
    case 'queued':
      return 'Queued';
    case 'fetching':
      return 'Asking provider';
    case 'updated':
      return 'Updated';
    case 'unchanged':
      return 'Nothing newer';
    case 'failed':
      return 'Try again';
  }
}

const kReasons: Record<string, string> = {
  unknown_tracker: 'This tracker does not exist any more.',
  no_provider: 'This tracker has no provider to ask.',
  unsupported: 'The provider of this tracker cannot be asked.',
  provider_unavailable: 'The provider cannot be reached.',
  rate_limited: 'The provider takes no more questions for now.',
  no_fix: 'The provider does not know where it is.',
  timeout: 'The provider did not answer in time.',
  queue_full: 'Too many updates are waiting already.',
  cancelled: 'The update was cancelled.',
  // Not from a provider, but from the way there.
  no_answer: 'Nothing came back in time.',
  lost: 'The server knows nothing of it any more.',
  unauthorized: 'Your session has ended. Sign in again.',
  forbidden: 'Only administrators may ask for updates.',
  unreachable: 'The server does not answer.',
  unavailable: 'The server cannot do that at the moment.',
  busy: 'The server cannot do that at the moment.',
};

/** Why a failed update failed. */
export function updateReason(reason: string, retryAfter?: number): string {
  if (reason === 'too_many_requests') {
    const wait = retryAfter === undefined ? 'a moment' : formatWait(retryAfter * 1_000);
    return `Too many requests. Try again in ${wait}.`;
  }
  return (Object.hasOwn(kReasons, reason) ? kReasons[reason] : undefined) ?? 'That did not work.';
}
