import { effect, signal, untracked } from '@preact/signals';

import type { TrackerId } from '../../client/index.js';
import type { AddressPhase } from '../format/address.js';
import type { AddressLookup } from './address-lookup.js';
import { selected } from './trackers.js';

/** What is said of a tracker's address. */
export const shownAddress = signal<{ tracker: TrackerId | undefined; phase: AddressPhase }>({
  tracker: undefined,
  phase: { kind: 'hidden' },
});

/** Who asks for addresses; undefined until `ui/address.tsx` is loaded, with the first details. */
export const addresses = signal<AddressLookup | undefined>(undefined);

/** Follows the selection and its position. Called once. */
export function watchAddresses(): void {
  effect(() => {
    const tracker = selected.value?.tracker;
    const lookup = addresses.value;
    const fix = tracker?.fix;
    const spot = tracker && fix && { tracker: tracker.id, ...pointOf(fix) };
    untracked(() => lookup?.show(spot));
  });
}

function pointOf({ latitude, longitude }: { latitude: number; longitude: number }) {
  return { latitude, longitude };
}
