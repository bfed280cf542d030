import type { JSX } from 'preact';

import { kUnitChoices, unitsLabel } from '../format/units.js';
import { clientFilter, sortOrder } from '../model/filters.js';
import { kSortChoices, sortWord } from '../model/list.js';
import { chooseUnits, units } from '../model/preferences.js';
import { clientNames, results } from '../model/trackers.js';
import { Menu } from './menu.js';

export function ClientMenu(): JSX.Element {
  const { clientCounts, clientTotal } = results.value;
  const names = [...clientNames.value].sort((a, b) => a[1].localeCompare(b[1]));
  const choices = [
    { value: undefined, label: 'All clients', count: clientTotal },
    ...names.map(([value, label]) => ({ value, label, count: clientCounts.get(value) ?? 0 })),
  ];
  return (
    <Menu
      label="Client"
      choices={choices}
      value={clientFilter.value}
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
