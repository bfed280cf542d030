import type { TrackerId } from './types.js';

/**
 * How an id is written in a path or as an ID of GraphQL: the number 7 as `7`, a text as it is. A
 * text that could be taken for a number stands in quotation marks, as in JSON.
 */
export function wireId(id: TrackerId): string {
  if (typeof id === 'number') return String(id);
  return readsAsJson(id) ? JSON.stringify(id) : id;
}

function readsAsJson(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'number' || typeof value === 'string';
  } catch {
    return false;
  }
}
