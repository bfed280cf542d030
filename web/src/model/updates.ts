import { effect, signal } from '@preact/signals';

import { type TrackerId, fetchUpdate, requestUpdate } from '../../client/index.js';
import type { UpdatePhase } from '../format/update.js';
import { selectedId } from './selection.js';
import { isAdmin } from './session.js';
import { onChanges } from './trackers.js';
import { UpdateAttempts } from './update-attempts.js';

const kRequestMs = 30_000;

/** How updates stand, by tracker; those that are not named are idle. */
export const updatePhases = signal<ReadonlyMap<TrackerId, UpdatePhase>>(new Map());

let socketId: () => string | undefined = () => undefined;

const presented = (): { signal: AbortSignal } => ({ signal: AbortSignal.timeout(kRequestMs) });

/** Those of this page. Whoever has the connection tells it of events and new connections. */
export const updates = new UpdateAttempts(
  {
    socketId: () => socketId(),
    request: (tracker, socket) => requestUpdate(tracker, socket, '', presented()),
    find: (requestId) => fetchUpdate(requestId, '', presented()),
  },
  (phases) => (updatePhases.value = phases),
);

/** Follows who looks at the page and what it shows; `socket` names the connection. Called once. */
export function watchUpdates(socket: () => string | undefined): void {
  socketId = socket;
  effect(() => {
    if (!isAdmin.value) updates.clear();
  });
  effect(() => updates.dismiss(selectedId.value));
  onChanges(({ removed }) => {
    for (const tracker of removed) updates.forget(tracker.id);
  });
}
