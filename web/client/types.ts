/** A tracker's id; a string and a number are different ids even when they look alike. */
export type TrackerId = string | number;

/** Whether the tracker is heard from: `unknown` is "never heard", or its provider is down. */
export type Connectivity = 'online' | 'offline' | 'unknown';

export type Motion = 'moving' | 'stopped' | 'unknown';

/** One accepted fix. Absent fields are unknown, never zero. */
export interface Position {
  /** Degrees, WGS 84. */
  latitude: number;
  longitude: number;
  /** Metres. */
  altitude?: number;
  /** Radius in metres. */
  accuracy?: number;
  /** Metres a second. */
  speed?: number;
  /** Degrees from true north. */
  course?: number;
  heading?: number;
  /** RFC 3339, UTC. */
  fix_time: string;
  received_at?: string;
}

/** Payload of `tracker_location_updated`. */
export interface LocationUpdate extends Position {
  tracker_id: TrackerId;
  /** Present when it answers an update request. */
  request_id?: string;
}

/** Payload of `tracker_status_change`: one axis of one tracker. */
export interface StatusChange {
  tracker_id: TrackerId;
  axis: 'connectivity' | 'motion';
  status: string;
  previous_status?: string;
  reason?: string;
  /** RFC 3339: when the tracker entered `status`. */
  since: string;
  timestamp?: string;
}

/** Why a session changed on a connection that stayed open. */
export type SessionReason =
  | 'expired'
  | 'revoked'
  | 'logged_out'
  | 'authenticated'
  | 'account_changed';

/** Payload of `session`: who the server takes this connection for. */
export interface SessionInfo {
  /** The user's id and, when known, name; null for an anonymous session. */
  user: { id: string; name: string } | null;
  roles: string[];
  permissions: string[];
  clients: TrackerId[];
  expires_at?: string;
  /** Absent on the first one of a connection. */
  reason?: SessionReason;
  /** True when the connection was resumed; `replayed` events then follow. */
  recovered: boolean;
  replayed: number;
}

/** A client in the sense of a customer that owns trackers. */
export interface CustomerInfo {
  id: TrackerId;
  name: string;
}

export interface TrackerInfo {
  id: TrackerId;
  name: string;
  category: string;
  client_id?: TrackerId;
  call_sign?: string;
  connectivity: Connectivity;
  connectivity_since?: string;
  motion: Motion;
  motion_since?: string;
  position?: Position;
}

/** Answer of `GET /api/trackers`. */
export interface TrackerList {
  /** The stream offset the list is true at. */
  offset: string;
  /** RFC 3339: the server's clock, to show ages by. */
  server_time?: string;
  clients: CustomerInfo[];
  trackers: TrackerInfo[];
}

/**
 * Payload of `trackers_changed`: who may see these trackers has changed, or what is known of them.
 * Take a fresh snapshot; `null` means that any tracker may be concerned.
 */
export interface TrackersChange {
  trackers: TrackerId[] | null;
}

/** Where a tracker was: a part of its past. */
export interface PositionPage {
  positions: Position[];
  /** What to ask for as `after` to go on; null at the end. */
  next: string | null;
}

/** How far a request for an immediate position is; the last three are final. */
export type UpdateStatus = 'queued' | 'fetching' | 'fetched' | 'unchanged' | 'failed';

/** Why there is no new position. A newer server may give others. */
export type UpdateReason =
  | 'unknown_tracker'
  | 'no_provider'
  | 'unsupported'
  | 'provider_unavailable'
  | 'rate_limited'
  | 'no_fix'
  | 'timeout'
  | 'queue_full'
  | 'cancelled';

/** Payload of `tracker_update_status`, which goes to who asked. */
export interface UpdateNews {
  request_id: string;
  tracker_id: TrackerId;
  status: UpdateStatus;
  /** With `failed`: an UpdateReason. */
  reason?: string;
}

/** A request for an immediate position, as GraphQL tells it. */
export interface UpdateRequest {
  requestId: string;
  trackerId: string;
  status: UpdateStatus;
  /** With `failed`: an UpdateReason. */
  reason?: string;
  /** RFC 3339, by the server's clock; so below. */
  requestedAt?: string;
  since?: string;
  /** What has no result by then has failed. */
  deadline?: string;
}

/** Degrees: west, south, east, north; west is greater than east across the antimeridian. */
export type BoundingBox = [number, number, number, number];

/**
 * What to hear of: a tracker that any of the fields names. There is one box at a time, a later one
 * takes its place. None of them widens what the user may see.
 */
export interface Interest {
  trackers?: TrackerId[];
  clients?: TrackerId[];
  bbox?: BoundingBox;
}

/** Answer to `subscribe` and `unsubscribe`. */
export interface InterestAnswer {
  /** To `subscribe`: what of it one hears of now. To `unsubscribe`: what is left. */
  granted: Interest;
  /** What was asked for in vain: it does not exist, or not for this visitor. */
  refused: Interest;
  /** Where the granted trackers are; the stream goes on from there without a gap. */
  positions: LocationUpdate[];
  /** The stream offset the positions are true at. */
  offset: string;
  /** There were more positions than one answer may hold: fetch the tracker list for the rest. */
  truncated: boolean;
}

/** A point whose address is asked for; degrees, WGS 84. */
export interface PlaceQuestion {
  latitude: number;
  longitude: number;
  /** Of the names: a language tag such as `pt-BR`. The server has a language of its own. */
  language?: string;
}

/** Payload of `request_geocoding`. */
export interface GeocodingRequest extends PlaceQuestion {
  /** What its events are told apart by, at most 64 bytes; the server makes one otherwise. */
  request_id?: string;
}

/** Answer to `request_geocoding`; the events say more, and may come before it. */
export interface GeocodingTaken {
  request_id: string;
  /** `answered`: the result has been sent. `queued`: it follows. */
  status: 'answered' | 'queued';
}

/** Where something is, in words. Absent fields are unknown. */
export interface Address {
  /** All of it in one line, the smallest first. */
  display_name: string;
  /** ISO 3166-1 alpha-2, upper case. */
  country_code?: string;
  country?: string;
  /** The first level below the country. */
  state?: string;
  /** City, town, village or hamlet. */
  city?: string;
  road?: string;
  house_number?: string;
  postcode?: string;
  /** Metres from what is named to the point that was asked for. */
  distance_m?: number;
  /** Degrees from true north: in which direction from there the point lies. */
  bearing?: number;
}

/** Payload of `geocoding_queued`: the place has to be looked up. */
export interface GeocodingQueued {
  request_id: string;
  latitude: number;
  longitude: number;
  /** 1 is the next one. */
  queue_position: number;
}

/** An address and where it comes from. */
export interface GeocodingAnswer {
  latitude: number;
  longitude: number;
  address: Address;
  cached: boolean;
  /** The configured name of who knew it. */
  provider: string;
  /** A better one, or an error, follows. */
  provisional: boolean;
}

/** Payload of `geocoding_result`. */
export interface GeocodingResult extends GeocodingAnswer {
  request_id: string;
}

/** Why there is no address. A newer server may give others. */
export type GeocodingFault =
  | 'rate_limited'
  | 'not_found'
  | 'provider_unavailable'
  | 'invalid_request'
  | 'queue_full';

/** Payload of `geocoding_error`. */
export interface GeocodingError {
  request_id: string;
  /** Absent when what was sent were no coordinates. */
  latitude?: number;
  longitude?: number;
  /** A GeocodingFault. */
  code: string;
  message: string;
  /** Seconds. */
  retry_after?: number;
}

/** Whose data addresses are made of, and under which licence. */
export interface Attribution {
  text: string;
  url?: string;
  licence?: string;
}
