import type { LinkState } from '../../client/index.js';
import { formatClock } from './time.js';
import { formatCount } from './words.js';

/** The connection badge's text. */
export function linkWord(state: LinkState, nowMs: number): string {
  switch (state.kind) {
    case 'connecting':
      return 'Connecting';
    case 'live':
      return state.transport === 'polling' ? 'Live, polling' : 'Live';
    case 'waiting': {
      const seconds = Math.ceil((state.until - nowMs) / 1000);
      return seconds > 0 ? `Reconnecting in ${seconds} s` : 'Reconnecting';
    }
    case 'reconnecting':
      return 'Reconnecting';
    case 'refused':
    case 'offline':
      return 'Offline';
  }
}

/** What the banner says while the connection is down; `lastEventMs` is the last event's time. */
export function lostWord(lastEventMs: number | undefined): string {
  if (lastEventMs === undefined) return 'Connection lost.';
  return `Connection lost. Positions are from ${formatClock(lastEventMs)}.`;
}

/** What the message says when it is back; `replayed` is undefined when the list was reloaded. */
export function backWord(replayed: number | undefined): string {
  if (replayed === undefined) return 'Back online. Positions reloaded.';
  if (replayed === 0) return 'Back online. Nothing was missed.';
  const events = replayed === 1 ? '1 missed event' : `${formatCount(replayed)} missed events`;
  return `Back online. ${events} recovered.`;
}
