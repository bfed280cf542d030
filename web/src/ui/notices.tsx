import type { JSX } from 'preact';

import { lostWord } from '../format/link.js';
import { lastEventMs } from '../model/clock.js';
import { isDown, retryNow } from '../model/live.js';
import { message } from '../model/messages.js';
import { layout } from '../model/preferences.js';
import { loginOffered, openLogin, sessionEnded } from '../model/session.js';
import { loading } from '../model/snapshot.js';
import { mapProblem } from '../model/view.js';
import { CheckIcon, CloseIcon, WarningIcon } from './icons.js';

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
  if (sessionEnded.value) return <EndedNotice />;
  // The list says it too, but a phone's sheet may hide that.
  if (layout.value === 'phone' && loading.value === 'refused') return <SignInNotice />;
  const current = message.value;
  if (!current) return null;
  return (
    <p class="notice" data-tone={current.tone}>
      {current.tone === 'good' ? <CheckIcon /> : <WarningIcon />}
      <span>{current.text}</span>
    </p>
  );
}

function SignInNotice(): JSX.Element | null {
  if (!loginOffered.value) return null;
  return (
    <p class="notice">
      <button type="button" class="link-button" onClick={openLogin}>
        Sign in to see your trackers
      </button>
    </p>
  );
}

/** Stays until somebody signs in or does not want to. */
function EndedNotice(): JSX.Element {
  return (
    <p class="notice" data-tone="warn">
      <WarningIcon />
      <span>
        {'Your session has ended. '}
        {loginOffered.value ? (
          <button type="button" class="link-button" onClick={openLogin}>
            Sign in again.
          </button>
        ) : (
          'Sign in again.'
        )}
      </span>
      <button
        type="button"
        class="icon-button"
        aria-label="Dismiss"
        onClick={() => (sessionEnded.value = false)}
      >
        <CloseIcon />
      </button>
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
