import type { Connectivity, Motion } from '../../client/index.js';

/** What the page shows of the two status axes. The numbers are the marker shader's. */
export enum Status {
  kOffline = 0,
  kUnknown = 1,
  kStopped = 2,
  kMoving = 3,
}

/** In the order of the tiles. */
export const kStatuses: readonly Status[] = [
  Status.kMoving,
  Status.kStopped,
  Status.kOffline,
  Status.kUnknown,
];

const kStatusWords: Record<Status, string> = {
  [Status.kMoving]: 'Moving',
  [Status.kStopped]: 'Stopped',
  [Status.kOffline]: 'Offline',
  [Status.kUnknown]: 'Unknown',
};

export function statusWord(status: Status): string {
  return kStatusWords[status];
}

/** Also the suffix of the style classes. */
export function statusKey(status: Status): string {
  return kStatusWords[status].toLowerCase();
}

export function foldStatus(connectivity: Connectivity, motion: Motion): Status {
  if (connectivity === 'unknown') return Status.kUnknown;
  if (connectivity === 'offline') return Status.kOffline;
  return motion === 'moving' ? Status.kMoving : Status.kStopped;
}

const kKinds: Record<string, string> = {
  cargo: 'Cargo ship',
  tanker: 'Tanker',
  passenger: 'Passenger ship',
  tug: 'Tug',
  fishing: 'Fishing vessel',
  sailing: 'Sailing vessel',
  pleasure: 'Pleasure craft',
  pilot: 'Pilot vessel',
  high_speed: 'High-speed craft',
  military: 'Military ship',
  research: 'Research vessel',
  search_and_rescue: 'Search and rescue',
  other: 'Other',
};

/** "Cargo ship"; an unlisted category is written as it is, in sentence case. */
export function kindWord(category: string): string {
  const known = Object.hasOwn(kKinds, category) ? kKinds[category] : undefined;
  if (known !== undefined) return known;
  const words = sentenceCase(category);
  return words.length > 0 ? words : 'Other';
}

function sentenceCase(name: string): string {
  const words = name.replaceAll('_', ' ').trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** Up to two initials for the round picture of a user. */
export function initials(name: string): string {
  const parts = name.split(/[\s@._-]+/).filter((part) => part.length > 0);
  const letters = parts.slice(0, 2).map((part) => [...part][0] ?? '');
  return letters.join('').toUpperCase();
}

/** The highest role in words; an identity provider may have names of its own. */
export function roleWord(roles: readonly string[]): string {
  if (roles.includes('admin')) return 'Administrator';
  if (roles.includes('user')) return 'User';
  return roles[0] === undefined ? 'Guest' : sentenceCase(roles[0]);
}

/** Groups thousands the same way everywhere. */
export function formatCount(count: number): string {
  return count.toLocaleString('en');
}
