import type { JSX } from 'preact';

import type { TrackerId } from '../../client/index.js';
import { kUnitChoices, unitsLabel } from '../format/units.js';
import { clientFilter, sortOrder } from '../model/filters.js';
import { kSortChoices, sortWord } from '../model/list.js';
import { chooseUnits, units } from '../model/preferences.js';
import { clientNames, results } from '../model/trackers.js';
import { type Choice, Menu } from './menu.js';

export function ClientMenu(): JSX.Element {
  const { clientCounts, clientTotal } = results.value;
  const chosen = clientFilter.value;
  const names = [...clientNames.value].sort((a, b) => a[1].localeCompare(b[1]));
  const choices: Array<Choice<TrackerId | null | undefined>> = [
    { value: undefined, label: 'All clients', count: clientTotal },
    ...names.map(([value, label]) => ({ value, label, count: clientCounts.get(value) ?? 0 })),
  ];
  const ownerless = clientCounts.get(null) ?? 0;
  // Where there are no clients at all, nothing would be told apart by it.
  if (names.length > 0 && (ownerless > 0 || chosen === null)) {
    choices.push({ value: null, label: 'No client', count: ownerless });
  }
  return (
    <Menu
      label="Client"
      choices={choices}
      value={chosen}
      onChoose={(value) => (clientFilter.value = value)}
    />
  );
}

export function SortMenu(): JSX.Element {
  return (
    <Menu
      label="Order"
      choices={kSortChoices.map((value) => ({ value, label: sortWord(value) }))}
      value={sortOrder.value}
      onChoose={(value) => (sortOrder.value = value)}
      place="below-end"
    />
  );
}

export function UnitsMenu({ place }: { place: 'below-end' | 'above-end' }): JSX.Element {
  return (
    <Menu
      label="Units"
      choices={kUnitChoices.map((value) => ({ value, label: unitsLabel(value) }))}
      value={units.value}
      onChoose={chooseUnits}
      place={place}
    />
  );
}
