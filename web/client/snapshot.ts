import { decodeTrackerList } from './decode.js';
import { TrackwireError } from './error.js';
import { type Presented, askJson, requestOf } from './http.js';
import type { TrackerList } from './types.js';

/** Who asks, when it is not whom the cookie stands for. */
export type SnapshotOptions = Presented;

/**
 * Fetches all trackers this visitor may see, with status and latest position.
 *
 * Whose list it is says the cookie, unless `options` do: a connection whose session has ended asks
 * as `anonymous`, for a cookie may be good for a moment longer.
 * Join it with the event stream by time: the newest `fix_time` wins, and the newest `since` on each
 * status axis. Fetch it after the connection stands, or events between the two are missed.
 * Throws a TrackwireError: `unreachable`, `unauthorized` where anonymous visitors are refused,
 * `unexpected` for an answer that is no tracker list ...
 */
export async function fetchTrackers(
  base = '',
  options: SnapshotOptions = {},
): Promise<TrackerList> {
  const body = await askJson(`${base}/api/trackers`, requestOf(options));
  const list = decodeTrackerList(body);
  if (list) return list;
  throw new TrackwireError({ code: 'unexpected', message: 'the answer is no tracker list' });
}
