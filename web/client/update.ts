import { decodeUpdateRequest } from './decode.js';
import { TrackwireError } from './error.js';
import { askGraphql } from './graphql.js';
import type { Presented } from './http.js';
import type { TrackerId, UpdateRequest } from './types.js';
import { wireId } from './wire-id.js';

const kFields = 'requestId trackerId status reason requestedAt since deadline';
const kRequest = `mutation UpdateNow($tracker: ID!, $socket: ID) {
  updateTrackerLocation(trackerId: $tracker, socketId: $socket) { ${kFields} }
}`;
const kFind = `query Update($id: ID!) { updateRequest(id: $id) { ${kFields} } }`;

/**
 * Asks where a tracker is now; for administrators. What comes of it is told as `updateStatus` to
 * the connection `socketId` names (`TrackwireClient.socketId`), and by `fetchUpdate()`.
 *
 * A tracker that cannot be asked is an answer with the status `failed`. Throws a TrackwireError:
 * `unauthorized`, `forbidden`, `rate_limited`, `unreachable` ...
 */
export async function requestUpdate(
  tracker: TrackerId,
  socketId?: string,
  base = '',
  presented: Presented = {},
): Promise<UpdateRequest> {
  const variables = { tracker: wireId(tracker), socket: socketId ?? null };
  const data = await askGraphql(kRequest, variables, base, presented);
  const request = decodeUpdateRequest(data['updateTrackerLocation']);
  if (request) return request;
  throw new TrackwireError({ code: 'unexpected', message: 'the answer is no update request' });
}

/** How far a request is; null when the server does not know it, or no more. Throws as above. */
export async function fetchUpdate(
  requestId: string,
  base = '',
  presented: Presented = {},
): Promise<UpdateRequest | null> {
  const data = await askGraphql(kFind, { id: requestId }, base, presented);
  return decodeUpdateRequest(data['updateRequest']);
}
