import type { JSX } from 'preact';

import { formatAge } from '../format/time.js';
import { formatSpeed } from '../format/units.js';
import { kindWord, statusWord } from '../format/words.js';
import { serverNow } from '../model/clock.js';
import { shownSpeed } from '../model/list.js';
import { units } from '../model/preferences.js';
import { select } from '../model/selection.js';
import type { Tracker } from '../model/tracker.js';
import { clientNames } from '../model/trackers.js';
import { Mark } from './icons.js';

export const kRowHeight = 60;

interface RowProps {
  tracker: Tracker;
  index: number;
  count: number;
  selected: boolean;
  active: boolean;
}

export function rowId(index: number): string {
  return `row-${index}`;
}

/** One tracker in the list. */
export function Row({ tracker, index, count, selected, active }: RowProps): JSX.Element {
  const client =
    tracker.clientId === undefined ? undefined : clientNames.value.get(tracker.clientId);
  const speed = shownSpeed(tracker);
  const figure = speed === undefined ? undefined : formatSpeed(speed, units.value);
  return (
    <div
      id={rowId(index)}
      class="row"
      role="option"
      aria-selected={selected}
      aria-setsize={count}
      aria-posinset={index + 1}
      data-active={active}
      data-tracker={String(tracker.id)}
      style={{ transform: `translateY(${index * kRowHeight}px)` }}
      onClick={() => select(tracker.id, true)}
    >
      <Mark status={tracker.status} course={tracker.fix?.course} />
      <span class="row-name">{tracker.name}</span>
      <span class="row-client">{client ?? kindWord(tracker.category)}</span>
      <span class="row-value">
        {figure ? (
          <>
            <b>{figure.value}</b> {figure.unit}
          </>
        ) : (
          statusWord(tracker.status)
        )}
      </span>
      <span class="row-age">{formatAge(tracker.fix?.timeMs, serverNow.value)}</span>
    </div>
  );
}
