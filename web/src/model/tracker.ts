import type { Connectivity, Motion, TrackerId } from '../../client/index.js';
import { Status } from '../format/words.js';

/** The latest fix as the page computes with it. Absent fields are unknown. */
export interface Fix {
  latitude: number;
  longitude: number;
  /** Milliseconds since 1970, by the server's clock. */
  timeMs: number;
  speedMps: number | undefined;
  course: number | undefined;
  accuracyM: number | undefined;
}

/** One tracker; the store owns it and changes it in place. */
export interface Tracker {
  readonly id: TrackerId;
  /** Index into the marker buffer, stable while the tracker exists. */
  readonly slot: number;
  name: string;
  category: string;
  clientId: TrackerId | undefined;
  /** Name, call sign and id, folded for searching, one per line. */
  searchText: string;
  /** Place in the order of names. */
  nameRank: number;
  connectivity: Connectivity;
  connectivitySinceMs: number;
  motion: Motion;
  motionSinceMs: number;
  status: Status;
  fix: Fix | undefined;
  /** True until the tracker list names it: an event came first. */
  provisional: boolean;
}

/** Lower case without accents, so that "Angstrom" finds "Ångström". */
export function foldText(text: string): string {
  return text
    .normalize('NFD')
    .replace(/\p{Mn}/gu, '')
    .toLowerCase();
}
