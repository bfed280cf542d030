import { computed, effect, signal } from '@preact/signals';

import { link } from '../model/live.js';
import { isAdmin } from '../model/session.js';

type UpdateParts = typeof import('./update-now.js');

const loaded = signal<UpdateParts | undefined>(undefined);
let loading = false;

/** What asks for updates, for administrators; undefined for everybody else. */
export const updateParts = computed(() => (isAdmin.value ? loaded.value : undefined));

/** Loads it once an administrator is there, and again with the next connection if that failed. */
export function watchUpdateParts(): void {
  effect(() => {
    if (isAdmin.value && link.value.kind === 'live') void load();
  });
}

async function load(): Promise<void> {
  if (loading || loaded.peek()) return;
  loading = true;
  try {
    loaded.value = await import('./update-now.js');
  } catch (error) {
    console.warn('updates:', error);
  } finally {
    loading = false;
  }
}
