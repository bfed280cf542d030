import { decodePositionPage } from './decode.js';
import { TrackwireError } from './error.js';
import { type Presented, askJson, requestOf } from './http.js';
import type { PositionPage, TrackerId } from './types.js';
import { wireId } from './wire-id.js';

/** Which part of a tracker's past, as fix times in milliseconds since 1970. */
export interface PastQuery extends Presented {
  /** From this time on. */
  from?: number;
  /** Before this one. */
  to?: number;
  /** Positions of one page; the server has a limit of its own. */
  limit?: number;
  /** `next` of the page before. */
  after?: string;
  newestFirst?: boolean;
}

/**
 * Where a tracker was, one page at a time, in the order of the fix times.
 *
 * Throws a TrackwireError: `unknown_tracker` also for one that may not be seen, `unreachable` ...
 */
export async function fetchPositions(
  tracker: TrackerId,
  { from, to, limit, after, newestFirst = false, ...presented }: PastQuery = {},
  base = '',
): Promise<PositionPage> {
  const query = new URLSearchParams();
  if (from !== undefined) query.set('from', new Date(from).toISOString());
  if (to !== undefined) query.set('to', new Date(to).toISOString());
  if (limit !== undefined) query.set('limit', String(limit));
  if (after !== undefined) query.set('after', after);
  if (newestFirst) query.set('order', 'desc');
  const path = `/api/trackers/${encodeURIComponent(wireId(tracker))}/positions`;
  const page = decodePositionPage(await askJson(`${base}${path}?${query}`, requestOf(presented)));
  if (page) return page;
  throw new TrackwireError({ code: 'unexpected', message: 'the answer holds no positions' });
}
