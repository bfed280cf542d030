import type { JSX } from 'preact';

import { lostWord } from '../format/link.js';
import { isDown, lastEventMs, retryNow } from '../model/live.js';
import { message } from '../model/messages.js';
import { mapProblem } from '../model/view.js';
import { CheckIcon, WarningIcon } from './icons.js';

/** What the page has to say at the top of the map: at most one thing at a time. */
export function Notices(): JSX.Element {
  return (
    <div class="notices" role="status">
      <Notice />
    </div>
  );
}

function Notice(): JSX.Element | null {
  if (isDown.value) {
    return (
      <p class="notice" data-tone="warn">
        <WarningIcon />
        <span>{lostWord(lastEventMs.value)}</span>
        <button type="button" class="link-button" onClick={retryNow}>
          Retry now
        </button>
      </p>
    );
  }
  const current = message.value;
  if (!current) return null;
  return (
    <p class="notice" data-tone={current.tone}>
      {current.tone === 'good' ? <CheckIcon /> : <WarningIcon />}
      <span>{current.text}</span>
    </p>
  );
}

/** Stands where the map would. */
export function MapProblem(): JSX.Element | null {
  if (mapProblem.value === undefined) return null;
  return (
    <div class="map-problem" role="status">
      <WarningIcon />
      <p>{mapProblem.value}</p>
    </div>
  );
}
