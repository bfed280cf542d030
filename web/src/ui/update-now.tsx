import type { JSX } from 'preact';

import { type TrackerId, fetchUpdate, requestUpdate } from '../../client/index.js';
import { type UpdatePhase, isBusy, updateReason, updateWord } from '../format/update.js';
import { socketId } from '../model/live.js';
import { UpdateAttempts } from '../model/update-attempts.js';
import { updatePhases, updates } from '../model/updates.js';
import { CheckIcon, RefreshIcon, WarningIcon } from './icons.js';

// A part of the page that is loaded for administrators alone: see update-parts.ts.

const kRequestMs = 30_000;
const kIdle: UpdatePhase = { kind: 'idle' };

const patience = (): { signal: AbortSignal } => ({ signal: AbortSignal.timeout(kRequestMs) });

updates.value = new UpdateAttempts(
  {
    socketId,
    request: (tracker, socket) => requestUpdate(tracker, socket, '', patience()),
    find: (requestId) => fetchUpdate(requestId, '', patience()),
  },
  (phases) => (updatePhases.value = phases),
);

interface Updated {
  id: TrackerId;
}

function phaseOf(id: TrackerId): UpdatePhase {
  return updatePhases.value.get(id) ?? kIdle;
}

function isDone({ kind }: UpdatePhase): boolean {
  return kind === 'updated' || kind === 'unchanged';
}

/** Why the last update failed; also tells those who cannot see it how one goes. */
export function UpdateReason({ id }: Updated): JSX.Element {
  const phase = phaseOf(id);
  return (
    <div role="status">
      {phase.kind === 'failed' ? (
        <p class="update-reason">
          <WarningIcon />
          <span data-testid="update-reason">{updateReason(phase.reason, phase.retryAfter)}</span>
        </p>
      ) : (
        phase.kind !== 'idle' && <p class="unseen">{updateWord(phase)}</p>
      )}
    </div>
  );
}

/** Asks the tracker's provider where it is now. */
export function UpdateButton({ id }: Updated): JSX.Element {
  const phase = phaseOf(id);
  const rests = isBusy(phase) || isDone(phase);
  return (
    <button
      type="button"
      class="button primary update-now"
      data-phase={phase.kind}
      aria-disabled={rests}
      onClick={() => {
        if (!rests) updates.peek()?.ask(id);
      }}
    >
      <PhaseIcon phase={phase} />
      {updateWord(phase)}
    </button>
  );
}

function PhaseIcon({ phase }: { phase: UpdatePhase }): JSX.Element {
  if (isBusy(phase)) return <i class="spinner" />;
  return isDone(phase) ? <CheckIcon /> : <RefreshIcon />;
}
