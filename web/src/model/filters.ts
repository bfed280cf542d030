import { signal } from '@preact/signals';

import type { TrackerId } from '../../client/index.js';
import type { Status } from '../format/words.js';
import type { SortOrder } from './list.js';

export const query = signal('');
export const statusFilter = signal<ReadonlySet<Status>>(new Set());
/** Null: the trackers of nobody. */
export const clientFilter = signal<TrackerId | null | undefined>(undefined);
export const sortOrder = signal<SortOrder>('moving');

export function toggleStatus(status: Status): void {
  const next = new Set(statusFilter.value);
  if (!next.delete(status)) next.add(status);
  statusFilter.value = next;
}

export function clearFilters(): void {
  query.value = '';
  statusFilter.value = new Set();
  clientFilter.value = undefined;
}
