/** Everything another front end needs to follow trackers over Trackwire's Socket.IO server. */
export { fetchMe, signIn, signOut } from './account.js';
export type { Credentials, Me } from './account.js';
export { TrackwireClient } from './client.js';
export type { ClientHandlers, ClientOptions } from './client.js';
export { TrackwireError, isTokenRefusal } from './error.js';
export type { ErrorInfo, TokenRefusal } from './error.js';
export { fetchAddress, fetchAttributions } from './geocoding.js';
export { askGraphql } from './graphql.js';
export type { Presented } from './http.js';
export type { LinkState } from './link.js';
export { fetchPositions } from './positions.js';
export type { PastQuery } from './positions.js';
export { fetchTrackers } from './snapshot.js';
export type { SnapshotOptions } from './snapshot.js';
export type {
  Address,
  Attribution,
  BoundingBox,
  Connectivity,
  CustomerInfo,
  GeocodingAnswer,
  GeocodingError,
  GeocodingFault,
  GeocodingQueued,
  GeocodingRequest,
  GeocodingResult,
  GeocodingTaken,
  Interest,
  InterestAnswer,
  LocationUpdate,
  Motion,
  PlaceQuestion,
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
  UpdateReason,
  UpdateRequest,
  UpdateStatus,
} from './types.js';
export { fetchUpdate, requestUpdate } from './update.js';
