import type {
  BoundingBox,
  Connectivity,
  CustomerInfo,
  Interest,
  InterestAnswer,
  LocationUpdate,
  Motion,
  Position,
  PositionPage,
  SessionInfo,
  SessionReason,
  StatusChange,
  TrackerId,
  TrackerInfo,
  TrackerList,
  TrackersChange,
  UpdateNews,
  UpdateRequest,
  UpdateStatus,
} from './types.js';

// Notifications from outside pass through the server as published, so their shape is a hope, not a
// promise: each decoder gives null for what it cannot use.

export type Fields = Record<string, unknown>;

export function asFields(value: unknown): Fields | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Fields)
    : null;
}

function asId(value: unknown): TrackerId | null {
  if (typeof value === 'string') return value.length > 0 ? value : null;
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

export function asText(value: unknown): string | undefined {
  return typeof value === 'string' && value.length > 0 ? value : undefined;
}

function asTime(value: unknown): string | undefined {
  return typeof value === 'string' && !Number.isNaN(Date.parse(value)) ? value : undefined;
}

export function asNumber(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

export function asList(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function asIds(value: unknown): TrackerId[] {
  return asList(value)
    .map(asId)
    .filter((id): id is TrackerId => id !== null);
}

/** A position with usable coordinates and fix time, or null. */
export function decodePosition(value: unknown): Position | null {
  const fields = asFields(value);
  if (!fields) return null;
  const latitude = asNumber(fields['latitude']);
  const longitude = asNumber(fields['longitude']);
  const fixTime = asTime(fields['fix_time']);
  if (latitude === undefined || longitude === undefined || fixTime === undefined) return null;
  if (Math.abs(latitude) > 90 || Math.abs(longitude) > 180) return null;
  const position: Position = { latitude, longitude, fix_time: fixTime };
  for (const name of ['altitude', 'accuracy', 'speed', 'course', 'heading'] as const) {
    const number = asNumber(fields[name]);
    if (number !== undefined) position[name] = number;
  }
  const received = asTime(fields['received_at']);
  if (received !== undefined) position.received_at = received;
  return position;
}

export function decodeLocationUpdate(value: unknown): LocationUpdate | null {
  const position = decodePosition(value);
  const fields = asFields(value);
  const id = asId(fields?.['tracker_id']);
  if (!position || !fields || id === null) return null;
  const update: LocationUpdate = { ...position, tracker_id: id };
  const request = asText(fields['request_id']);
  if (request !== undefined) update.request_id = request;
  return update;
}

export function decodeStatusChange(value: unknown): StatusChange | null {
  const fields = asFields(value);
  const id = asId(fields?.['tracker_id']);
  if (!fields || id === null) return null;
  const axis = fields['axis'];
  const status = asText(fields['status']);
  const timestamp = asTime(fields['timestamp']);
  const since = asTime(fields['since']) ?? timestamp;
  if ((axis !== 'connectivity' && axis !== 'motion') || status === undefined || !since) return null;
  const change: StatusChange = { tracker_id: id, axis, status, since };
  const previous = asText(fields['previous_status']);
  if (previous !== undefined) change.previous_status = previous;
  const reason = asText(fields['reason']);
  if (reason !== undefined) change.reason = reason;
  if (timestamp !== undefined) change.timestamp = timestamp;
  return change;
}

const kReasons: readonly SessionReason[] = [
  'expired',
  'revoked',
  'logged_out',
  'authenticated',
  'account_changed',
];

function decodeUser(value: unknown): SessionInfo['user'] {
  const plain = asId(value);
  if (plain !== null) return { id: String(plain), name: String(plain) };
  const fields = asFields(value);
  const id = asId(fields?.['id']) ?? asId(fields?.['email']);
  if (!fields || id === null) return null;
  return { id: String(id), name: asText(fields['name']) ?? asText(fields['email']) ?? String(id) };
}

/** Never fails: what is missing is taken for an anonymous, not resumed session. */
export function decodeSession(value: unknown): SessionInfo {
  const fields = asFields(value) ?? {};
  const texts = (name: string): string[] =>
    asList(fields[name]).filter((entry): entry is string => typeof entry === 'string');
  const session: SessionInfo = {
    user: decodeUser(fields['user']),
    roles: texts('roles'),
    permissions: texts('permissions'),
    clients: asIds(fields['clients']),
    recovered: fields['recovered'] === true,
    replayed: asNumber(fields['replayed']) ?? 0,
  };
  const expires = asTime(fields['expires_at']);
  if (expires !== undefined) session.expires_at = expires;
  const reason = kReasons.find((known) => known === fields['reason']);
  if (reason !== undefined) session.reason = reason;
  return session;
}

/** Never fails: what cannot be read may concern any tracker. */
export function decodeTrackersChange(value: unknown): TrackersChange {
  const trackers = asFields(value)?.['trackers'];
  return { trackers: Array.isArray(trackers) ? asIds(trackers) : null };
}

function decodeInterest(value: unknown): Interest {
  const fields = asFields(value) ?? {};
  const interest: Interest = {};
  const trackers = asIds(fields['trackers']);
  if (trackers.length > 0) interest.trackers = trackers;
  const clients = asIds(fields['clients']);
  if (clients.length > 0) interest.clients = clients;
  const bbox = asList(fields['bbox']).filter((edge) => asNumber(edge) !== undefined);
  if (bbox.length === 4) interest.bbox = bbox as BoundingBox;
  return interest;
}

/** The answer to `subscribe` or `unsubscribe`, or null when it is none. */
export function decodeInterestAnswer(value: unknown): InterestAnswer | null {
  const fields = asFields(value);
  if (!fields || !asFields(fields['granted'])) return null;
  return {
    granted: decodeInterest(fields['granted']),
    refused: decodeInterest(fields['refused']),
    positions: asList(fields['positions'])
      .map(decodeLocationUpdate)
      .filter((update): update is LocationUpdate => update !== null),
    offset: asText(fields['offset']) ?? '',
    truncated: fields['truncated'] === true,
  };
}

export function asConnectivity(value: unknown): Connectivity {
  return value === 'online' || value === 'offline' ? value : 'unknown';
}

export function asMotion(value: unknown): Motion {
  return value === 'moving' || value === 'stopped' ? value : 'unknown';
}

function decodeTracker(value: unknown): TrackerInfo | null {
  const fields = asFields(value);
  const id = asId(fields?.['id']);
  if (!fields || id === null) return null;
  const status = asFields(fields['status']) ?? {};
  const info: TrackerInfo = {
    id,
    name: asText(fields['name']) ?? String(id),
    category: asText(fields['category']) ?? 'other',
    connectivity: asConnectivity(status['connectivity']),
    motion: asMotion(status['motion']),
  };
  const client = asId(fields['client_id']);
  if (client !== null) info.client_id = client;
  const callSign = asText(asFields(fields['attributes'])?.['call_sign']);
  if (callSign !== undefined) info.call_sign = callSign;
  const connectivitySince = asTime(status['connectivity_since']);
  if (connectivitySince !== undefined) info.connectivity_since = connectivitySince;
  const motionSince = asTime(status['motion_since']);
  if (motionSince !== undefined) info.motion_since = motionSince;
  const position = decodePosition(fields['position']);
  if (position) info.position = position;
  return info;
}

/** The tracker list, without entries that cannot be used; null when it is no list at all. */
export function decodeTrackerList(value: unknown): TrackerList | null {
  const fields = asFields(value);
  if (!fields || !Array.isArray(fields['trackers'])) return null;
  const clients: CustomerInfo[] = [];
  for (const entry of asList(fields['clients'])) {
    const client = asFields(entry);
    const id = asId(client?.['id']);
    if (client && id !== null) clients.push({ id, name: asText(client['name']) ?? String(id) });
  }
  const trackers: TrackerInfo[] = [];
  for (const entry of fields['trackers']) {
    const tracker = decodeTracker(entry);
    if (tracker) trackers.push(tracker);
  }
  const list: TrackerList = { offset: asText(fields['offset']) ?? '', clients, trackers };
  const serverTime = asTime(fields['server_time']);
  if (serverTime !== undefined) list.server_time = serverTime;
  return list;
}

/** Positions without those that cannot be used; null when there is no list of them. */
export function decodePositionPage(value: unknown): PositionPage | null {
  const fields = asFields(value);
  if (!fields || !Array.isArray(fields['positions'])) return null;
  const positions = fields['positions']
    .map(decodePosition)
    .filter((position): position is Position => position !== null);
  return { positions, next: asText(fields['next']) ?? null };
}

const kUpdateStatuses: readonly UpdateStatus[] = [
  'queued',
  'fetching',
  'fetched',
  'unchanged',
  'failed',
];

function asUpdateStatus(value: unknown): UpdateStatus | undefined {
  const word = typeof value === 'string' ? value.toLowerCase() : undefined;
  return kUpdateStatuses.find((status) => status === word);
}

export function decodeUpdateNews(value: unknown): UpdateNews | null {
  const fields = asFields(value);
  const request = asText(fields?.['request_id']);
  const tracker = asId(fields?.['tracker_id']);
  const status = asUpdateStatus(fields?.['status']);
  if (!fields || request === undefined || tracker === null || !status) return null;
  const news: UpdateNews = { request_id: request, tracker_id: tracker, status };
  const reason = asText(fields['reason']);
  if (reason !== undefined) news.reason = reason;
  return news;
}

/** GraphQL writes the status in capitals; everything else of ours does not. */
export function decodeUpdateRequest(value: unknown): UpdateRequest | null {
  const fields = asFields(value);
  const requestId = asText(fields?.['requestId']);
  const trackerId = asId(fields?.['trackerId']);
  const status = asUpdateStatus(fields?.['status']);
  if (!fields || requestId === undefined || trackerId === null || !status) return null;
  const request: UpdateRequest = { requestId, trackerId: String(trackerId), status };
  const reason = asText(fields['reason']);
  if (reason !== undefined) request.reason = reason;
  for (const name of ['requestedAt', 'since', 'deadline'] as const) {
    const time = asTime(fields[name]);
    if (time !== undefined) request[name] = time;
  }
  return request;
}
