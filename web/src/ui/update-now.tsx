import type { JSX } from 'preact';

import type { TrackerId } from '../../client/index.js';
import { type UpdatePhase, isBusy, updateReason, updateWord } from '../format/update.js';
import { updatePhases, updates } from '../model/updates.js';
import { CheckIcon, RefreshIcon, WarningIcon } from './icons.js';

const kIdle: UpdatePhase = { kind: 'idle' };

interface Updated {
  id: TrackerId;
}

function phaseOf(id: TrackerId): UpdatePhase {
  return updatePhases.value.get(id) ?? kIdle;
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

/** Asks the tracker's provider where it is now. For administrators only. */
export function UpdateButton({ id }: Updated): JSX.Element {
  const phase = phaseOf(id);
  const isDone = phase.kind === 'updated' || phase.kind === 'unchanged';
  return (
    <button
      type="button"
      class="button primary update-now"
      data-phase={phase.kind}
      aria-disabled={isBusy(phase) || isDone}
      onClick={() => {
        if (!isBusy(phase) && !isDone) updates.ask(id);
      }}
    >
      <PhaseIcon phase={phase} />
      {updateWord(phase)}
    </button>
  );
}

function PhaseIcon({ phase }: { phase: UpdatePhase }): JSX.Element {
  if (isBusy(phase)) return <i class="spinner" />;
  if (phase.kind === 'updated' || phase.kind === 'unchanged') return <CheckIcon />;
  return <RefreshIcon />;
}
