/** Everything another front end needs to follow trackers over Trackwire's Socket.IO server. */
export { TrackwireClient } from './client.js';
export type { ClientHandlers, ClientOptions, LinkState } from './client.js';
export { fetchTrackers } from './snapshot.js';
export type {
  Connectivity,
  CustomerInfo,
  LocationUpdate,
  Motion,
  Position,
  SessionInfo,
  StatusChange,
  TrackerId,
  TrackerInfo,
  TrackerList,
} from './types.js';
