import { signal } from '@preact/signals';

import type { TrackerId } from '../../client/index.js';

export const selectedId = signal<TrackerId | undefined>(undefined);

/** The camera stays on the selected tracker. */
export const following = signal(false);

/** Asks the map to show a tracker; a new object for each request. */
export const focusRequest = signal<{ id: TrackerId } | undefined>(undefined);

/** Opens the details of a tracker; `fly` also moves the camera there. */
export function select(id: TrackerId, fly: boolean): void {
  if (selectedId.value !== id) following.value = false;
  selectedId.value = id;
  if (fly) focusRequest.value = { id };
}

export function clearSelection(): void {
  selectedId.value = undefined;
  following.value = false;
}
