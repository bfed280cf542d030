import { computed } from '@preact/signals';

import { isAdmin } from '../model/session.js';
import { lazyPart } from './lazy-part.js';

const loaded = lazyPart(
  () => isAdmin.value,
  () => import('./update-now.js'),
);

/** What asks for updates, for administrators; nothing for everybody else. */
export const updateParts = computed(() => (isAdmin.value && loaded.part.value));

export const watchUpdateParts = loaded.watch;
