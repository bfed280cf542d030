// A front end as it was written for the former server, and stays.

import {io} from 'socket.io-client';

export class FrontEnd {
  locations = [];
  alerts = [];
  sessions = [];
  reasons = [];

  /** `cookie` is what a browser would send by itself. */
  constructor(url, cookie) {
    this.socket = io(url, {
      path: '/socket.io/',
      transports: ['websocket', 'polling'],
      upgrade: true,
      withCredentials: true,
      reconnection: true,
      reconnectionAttempts: 5,
      reconnectionDelay: 1000,
      timeout: 20000,
      forceNew: true,
      extraHeaders: cookie ? {cookie} : {},
    });
    this.socket.on('session', (session) => this.sessions.push(session));
    this.socket.on('tracker_location_updated', (position) => this.locations.push(position));
    this.socket.on('maintenance_alert', (alert) => this.alerts.push(alert));
    this.socket.on('disconnect', (reason) => this.reasons.push(reason));
  }

  get id() {
    return this.socket.id;
  }

  close() {
    this.socket.disconnect();
  }
}
