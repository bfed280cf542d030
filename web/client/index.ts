/** Everything another front end needs to follow trackers over Trackwire's Socket.IO server. */
export { fetchMe, signIn, signOut } from './account.js';
export type { Credentials, Me } from './account.js';
export { TrackwireClient } from './client.js';
export type { ClientHandlers, ClientOptions } from './client.js';
export { TrackwireError, isTokenRefusal } from './error.js';
export type { ErrorInfo, TokenRefusal } from './error.js';
export type { LinkState } from './link.js';
export { fetchTrackers } from './snapshot.js';
export type { SnapshotOptions } from './snapshot.js';
export type {
  BoundingBox,
  Connectivity,
  CustomerInfo,
  Interest,
  InterestAnswer,
  LocationUpdate,
  Motion,
  Position,
  SessionInfo,
  SessionReason,
  StatusChange,
  TrackerId,
  TrackerInfo,
  TrackerList,
  TrackersChange,
} from './types.js';
