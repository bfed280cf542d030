import type { JSX } from 'preact';

import { linkWord } from '../format/link.js';
import { now } from '../model/clock.js';
import { link } from '../model/live.js';

/** Says how the connection stands. */
export function Badge(): JSX.Element {
  const state = link.value;
  const word = linkWord(state, now.value);
  // The countdown is for the eyes; spoken, one announcement a change is enough.
  const spoken = state.kind === 'waiting' ? 'Reconnecting' : word;
  return (
    <div class="badge" data-link={state.kind}>
      <span class="badge-dot" aria-hidden="true" />
      <span aria-hidden="true" data-testid="badge">
        {word}
      </span>
      <span class="unseen" role="status">{`Connection: ${spoken}`}</span>
    </div>
  );
}
