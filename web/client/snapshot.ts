import { decodeTrackerList } from './decode.js';
import type { TrackerList } from './types.js';

/**
 * Fetches all trackers this visitor may see, with status and latest position.
 *
 * Join it with the event stream by time: the newest `fix_time` wins, and the newest `since` on each
 * status axis. Fetch it after the connection stands, or events between the two are missed.
 * Throws when the server cannot be reached, answers with an error, or not with a tracker list.
 */
export async function fetchTrackers(base = '', signal?: AbortSignal): Promise<TrackerList> {
  const response = await fetch(`${base}/api/trackers`, {
    credentials: 'include',
    headers: { accept: 'application/json' },
    ...(signal ? { signal } : {}),
  });
  if (!response.ok) throw new Error(`the tracker list was answered with ${response.status}`);
  const list = decodeTrackerList(await response.json());
  if (!list) throw new Error('the answer is not a tracker list');
  return list;
}
