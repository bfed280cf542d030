import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

import {
  compassPoint,
  formatAccuracy,
  formatPosition,
  plainPosition,
  wholeDegrees,
} from '../format/position.js';
import { ageParts, formatLocalTime } from '../format/time.js';
import { formatSpeed } from '../format/units.js';
import { kindWord, statusKey, statusWord } from '../format/words.js';
import { now, serverNow } from '../model/clock.js';
import { showMessage } from '../model/messages.js';
import { layout, units } from '../model/preferences.js';
import { clearSelection, following } from '../model/selection.js';
import type { Fix, Tracker } from '../model/tracker.js';
import { clientNames, selected } from '../model/trackers.js';
import { addressParts } from './address-parts.js';
import { CloseIcon, CopyIcon, Mark, TargetIcon } from './icons.js';
import { SpeedLine } from './speed-line.js';
import { updateParts } from './update-parts.js';

/** Everything about the selected tracker, or nothing. */
export function Details(): JSX.Element | null {
  const shown = selected.value;
  return shown ? <Card key={String(shown.tracker.id)} shown={shown} /> : null;
}

/**
 * The parts below take the wrapper and not the tracker: that changes in place, and parts whose
 * properties are the same objects as before are not rendered again.
 */
interface Shown {
  shown: { tracker: Tracker };
}

function Card({ shown }: Shown): JSX.Element {
  const { tracker } = shown;
  const fix = tracker.fix;
  const address = addressParts.value;
  const opener = useRef<Element | null>(document.activeElement);
  useEffect(() => {
    const back = opener.current;
    return () => {
      // Only when closing would otherwise drop the focus to nowhere.
      const lost = document.activeElement === null || document.activeElement === document.body;
      if (lost && back instanceof HTMLElement && back.isConnected) back.focus();
    };
  }, []);
  return (
    <aside class="details" aria-label="Details" data-status={statusKey(tracker.status)}>
      <Head shown={shown} />
      {fix ? (
        <div class="detail-body" tabIndex={-1}>
          <Figures fix={fix} />
          {address ? <address.AddressPart id={tracker.id} /> : address !== null && <NoAddress />}
          <SpeedLine shown={shown} />
          <Facts shown={shown} fix={fix} />
          {address && layout.value !== 'wide' && <address.AddressSources />}
        </div>
      ) : (
        <div class="detail-body">
          <div class="never-heard">
            <h3>Never heard</h3>
            <p>This tracker has not sent a position yet.</p>
          </div>
        </div>
      )}
      <Foot shown={shown} />
    </aside>
  );
}

function Head({ shown }: Shown): JSX.Element {
  const { tracker } = shown;
  const client =
    tracker.clientId === undefined ? undefined : clientNames.value.get(tracker.clientId);
  const kind = kindWord(tracker.category);
  return (
    <header class="detail-head">
      <span class="detail-mark">
        <Mark status={tracker.status} course={tracker.fix?.course} size={24} />
      </span>
      <div class="detail-title">
        <h2>{tracker.name}</h2>
        <p>
          {client === undefined ? (
            kind
          ) : (
            <>
              {kind}
              <i class="middot">·</i>
              {client}
            </>
          )}
        </p>
      </div>
      <button type="button" class="icon-button" aria-label="Close details" onClick={clearSelection}>
        <CloseIcon />
      </button>
    </header>
  );
}

/** Where the address will be, until what shows it is loaded. */
function NoAddress(): JSX.Element {
  return (
    <section class="detail-part address">
      <div class="part-head">
        <h3>Address</h3>
      </div>
    </section>
  );
}

interface FigureProps {
  label: string;
  value: string;
  unit?: string;
  testid: string;
}

function FigureCell({ label, value, unit, testid }: FigureProps): JSX.Element {
  return (
    <div class="figure">
      <dt>{label}</dt>
      <dd data-testid={testid}>
        <b>{value}</b>
        {unit !== undefined && <span> {unit}</span>}
      </dd>
    </div>
  );
}

function Figures({ fix }: { fix: Fix }): JSX.Element {
  const speed = fix.speedMps === undefined ? undefined : formatSpeed(fix.speedMps, units.value);
  const age = ageParts(serverNow.value - fix.timeMs);
  const { course } = fix;
  return (
    <dl class="figures">
      <FigureCell
        label="Speed"
        value={speed?.value ?? '–'}
        {...(speed ? { unit: speed.unit } : {})}
        testid="speed"
      />
      <FigureCell
        label="Course"
        value={course === undefined ? '–' : `${wholeDegrees(course)}°`}
        {...(course === undefined ? {} : { unit: compassPoint(course) })}
        testid="course"
      />
      <FigureCell label="Last fix" value={age.value} unit={`${age.unit} ago`} testid="last-fix" />
    </dl>
  );
}

function Fact({ label, children }: { label: string; children: ComponentChildren }): JSX.Element {
  return (
    <div class="fact">
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Facts({ shown, fix }: Shown & { fix: Fix }): JSX.Element {
  const { tracker } = shown;
  return (
    <dl class="facts">
      <Fact label="Status">
        <Mark status={tracker.status} size={14} />
        <b data-testid="status">{statusWord(tracker.status)}</b>
      </Fact>
      <Fact label="Position">
        <span data-testid="position">{formatPosition(fix.latitude, fix.longitude)}</span>
        <button
          type="button"
          class="icon-button copy"
          aria-label="Copy position"
          onClick={() => void copy(fix)}
        >
          <CopyIcon />
        </button>
      </Fact>
      {fix.accuracyM !== undefined && <Fact label="Accuracy">{formatAccuracy(fix.accuracyM)}</Fact>}
      <Fact label="Fix time">
        {formatLocalTime(fix.timeMs, now.value)} <small>local</small>
      </Fact>
      <Fact label="Tracker">{String(tracker.id)}</Fact>
    </dl>
  );
}

async function copy(fix: Fix): Promise<void> {
  try {
    await navigator.clipboard.writeText(plainPosition(fix.latitude, fix.longitude));
    showMessage({ tone: 'good', text: 'Position copied.' });
  } catch {
    showMessage({ tone: 'bad', text: 'The browser did not allow copying.' });
  }
}

/** What one can do with the tracker; nothing at all for a visitor whose tracker was never heard. */
function Foot({ shown }: Shown): JSX.Element | null {
  const { id, fix } = shown.tracker;
  const parts = updateParts.value;
  if (!parts && !fix) return null;
  return (
    <footer class="detail-foot">
      {parts && <parts.UpdateReason id={id} />}
      <div class="detail-actions">
        {parts && <parts.UpdateButton id={id} />}
        {fix && <FollowButton />}
      </div>
    </footer>
  );
}

function FollowButton(): JSX.Element {
  const isOn = following.value;
  return (
    <button
      type="button"
      class="button"
      aria-pressed={isOn}
      onClick={() => (following.value = !isOn)}
    >
      <TargetIcon />
      {isOn ? 'Following' : 'Follow'}
    </button>
  );
}
