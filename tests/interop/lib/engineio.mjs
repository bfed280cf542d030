// Engine.IO spoken by hand, on either transport.

import assert from 'node:assert/strict';
import {request} from './http.mjs';
import {openSocket} from './websocket.mjs';

export const enginePath = '/engine.io/';
export const separator = '\x1e';
export const pollingQuery = 'EIO=4&transport=polling';
export const websocketQuery = 'EIO=4&transport=websocket';

/** The JSON of an open packet. */
export function parseOpen(packet) {
  assert.equal(packet[0], '0', `an open packet, not ${packet}`);
  return JSON.parse(packet.slice(1));
}

/** The code and message of an HTTP error as the protocol words them. */
export function assertRefusal(answer, code, message, status = 400) {
  assert.equal(answer.status, status);
  assert.match(answer.headers['content-type'], /^application\/json/);
  assert.deepEqual(answer.json, {code, message});
}

export const errors = {
  transportUnknown: [0, 'Transport unknown'],
  sessionUnknown: [1, 'Session ID unknown'],
  badMethod: [2, 'Bad handshake method'],
  badRequest: [3, 'Bad request'],
  badVersion: [5, 'Unsupported protocol version'],
};

/** A session on long-polling: one request at a time, each on a connection of its own. */
export class PollingSession {
  #received = [];

  constructor(port, path, open) {
    this.port = port;
    this.path = path;
    this.open = open;
    this.sid = open.sid;
  }

  static async open(port, path = enginePath, query = '') {
    const answer = await request(port, `${path}?${pollingQuery}${query}`);
    assert.equal(answer.status, 200);
    return new PollingSession(port, path, parseOpen(answer.text));
  }

  get query() {
    return `${pollingQuery}&sid=${this.sid}`;
  }

  get url() {
    return `${this.path}?${this.query}`;
  }

  /** One GET; the whole answer. */
  poll(options) {
    return request(this.port, this.url, options);
  }

  /** One POST with this very body; the whole answer. */
  post(body, headers = {'content-type': 'text/plain;charset=UTF-8'}) {
    return request(this.port, this.url, {method: 'POST', body, headers});
  }

  /** Posts packets, which must be taken. */
  async send(...packets) {
    const answer = await this.post(packets.join(separator));
    assert.equal(answer.status, 200);
    assert.equal(answer.text, 'ok');
  }

  /** The next packet, polling when none is left of the last answer. */
  async next() {
    while (this.#received.length === 0) {
      const answer = await this.poll();
      assert.equal(answer.status, 200);
      this.#received = answer.text.split(separator);
    }
    return this.#received.shift();
  }

  /** True when the server no longer knows the session. */
  async isGone() {
    const answer = await this.post('3');
    if (answer.status === 200) return false;
    assertRefusal(answer, ...errors.sessionUnknown);
    return true;
  }

  /** Opens a WebSocket for this session, as an upgrade begins. */
  openProbe() {
    return openSocket(this.port, `${this.path}?${websocketQuery}&sid=${this.sid}`);
  }
}

/** A session that began on WebSocket; the open packet is taken. */
export async function openWebSocketSession(port, path = enginePath, query = '') {
  const client = await openSocket(port, `${path}?${websocketQuery}${query}`);
  client.open = parseOpen(await client.next('the open packet'));
  client.sid = client.open.sid;
  return client;
}
