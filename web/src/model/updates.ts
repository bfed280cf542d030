import { effect, signal } from '@preact/signals';

import type { TrackerId } from '../../client/index.js';
import type { UpdatePhase } from '../format/update.js';
import { selectedId } from './selection.js';
import { isAdmin } from './session.js';
import { onChanges } from './trackers.js';
import type { UpdateAttempts } from './update-attempts.js';

/** How updates stand, by tracker; those that are not named are idle. */
export const updatePhases = signal<ReadonlyMap<TrackerId, UpdatePhase>>(new Map());

/** The page's updates; undefined until `ui/update-now.tsx` is loaded, which it is for admins. */
export const updates = signal<UpdateAttempts | undefined>(undefined);

/** Keeps updates in step with who looks at the page and what it shows. Called once. */
export function watchUpdates(): void {
  effect(() => {
    if (!isAdmin.value) updates.value?.clear();
  });
  effect(() => updates.value?.dismiss(selectedId.value));
  onChanges(({ removed }) => {
    for (const tracker of removed) updates.peek()?.forget(tracker.id);
  });
}
