// Servers of others that places are fetched from, in the formats they really speak: an endpoint with
// JSON, a Traccar server, an OwnTracks Recorder, a GTFS-Realtime feed. Each listens on a free port of
// 127.0.0.1, does what behave() says and notes what it was asked.

import {createHash} from 'node:crypto';
import http from 'node:http';
import {after} from 'node:test';

import {acceptSocket} from './server-socket.mjs';

const running = new Set();
after(() => Promise.all([...running].map((provider) => provider.close())));

/** Bytes with a length, and what a later request can be conditional on. */
function send(request, response, body, type) {
  const bytes = Buffer.from(body);
  const etag = `"${createHash('sha1').update(bytes).digest('hex').slice(0, 16)}"`;
  response.setHeader('ETag', etag);
  if (request.headers['if-none-match'] === etag) return response.writeHead(304).end();
  response.writeHead(200, {'Content-Type': type, 'Content-Length': bytes.length}).end(bytes);
}

const sendJson = (request, response, value) =>
  send(request, response, JSON.stringify(value), 'application/json');

export class Provider {
  #server;
  #mode = 'healthy';
  #options = {};
  #held = [];
  #connections = new Set();
  /** Of each request: method, path (with query), headers and body. */
  requests = [];
  /** What is known of each thing, by its id. */
  places = new Map();
  port = 0;

  static async start(options = {}) {
    const provider = new this(options);
    provider.#server = http.createServer((request, response) => provider.#receive(request, response));
    provider.#server.on('connection', (socket) => {
      provider.#connections.add(socket);
      socket.on('close', () => provider.#connections.delete(socket));
    });
    provider.#server.on('upgrade', (request, socket) => provider.#upgrade(request, socket));
    await new Promise((resolve) => provider.#server.listen(0, '127.0.0.1', resolve));
    provider.port = provider.#server.address().port;
    running.add(provider);
    return provider;
  }

  get url() {
    return `http://127.0.0.1:${this.port}`;
  }

  /**
   * From now on: `healthy`; `slow` (answers after `delayMs`); `held` (answers after release());
   * `silent` (never); `failing` (`status`, 500 unless said); `limited` (429, with `retryAfter`
   * seconds); `garbage` (200 and no sense); `cut` (the connection ends inside the answer).
   */
  behave(mode, options = {}) {
    this.#mode = mode;
    this.#options = options;
  }

  /** Answers what is held; what comes later is answered at once. */
  release() {
    this.#mode = 'healthy';
    this.#held.splice(0).forEach((answer) => answer());
  }

  /** How many requests are being held. */
  get held() {
    return this.#held.length;
  }

  /** Says where something is, now unless `time` (ms) says otherwise. */
  place(id, {latitude, longitude, time = Date.now(), ...more}) {
    this.places.set(id, {id, latitude, longitude, time, ...more});
  }

  #receive(request, response) {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      this.requests.push({method: request.method, path: request.url, headers: request.headers, body});
      this.#behave(request, response, body);
    });
  }

  #behave(request, response, body) {
    const answer = () => {
      if (!response.destroyed) this.answer(request, response, new URL(request.url, this.url), body);
    };
    switch (this.#mode) {
      case 'slow': return void setTimeout(answer, this.#options.delayMs ?? 200);
      case 'held': return void this.#held.push(answer);
      case 'silent': return undefined;
      case 'failing': return response.writeHead(this.#options.status ?? 500).end('out of order');
      case 'limited':
        return response.writeHead(429, {'Retry-After': `${this.#options.retryAfter ?? 1}`}).end();
      case 'garbage':
        return response.writeHead(200, {'Content-Type': 'application/json'}).end('{"truth": fal');
      case 'cut':
        response.writeHead(200, {'Content-Length': 1000});
        return response.write('half an answer', () => request.socket.destroy());
      default: return answer();
    }
  }

  #upgrade(request, socket) {
    this.requests.push({method: 'SOCKET', path: request.url, headers: request.headers, body: ''});
    if (this.#mode === 'healthy' && this.accepts?.(request)) return this.open(acceptSocket(request, socket));
    socket.end('HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
  }

  async close() {
    running.delete(this);
    for (const connection of this.#connections) connection.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/**
 * Somebody's REST API. `GET /items` tells all as {"items": [{id, lat, lon, time, speed_kmh, …}]}
 * with times in ms, `GET /items/ID` one; 404 for others.
 */
export class HttpJsonProvider extends Provider {
  get feedUrl() {
    return `${this.url}/items`;
  }

  #item({latitude, longitude, ...more}) {
    return {lat: latitude, lon: longitude, ...more};
  }

  answer(request, response, {pathname}) {
    if (pathname === '/items') {
      const items = [...this.places.values()].map((place) => this.#item(place));
      return sendJson(request, response, {items});
    }
    const one = this.places.get(decodeURIComponent(pathname.replace('/items/', '')));
    if (!one) return response.writeHead(404).end();
    return sendJson(request, response, this.#item(one));
  }
}

/**
 * A Traccar server: /api/devices, /api/positions, /api/commands/send and /api/socket, for whoever has
 * the token. Ids are `uniqueId`s; speeds are given in m/s and told in knots.
 */
export class TraccarProvider extends Provider {
  #sockets = new Set();
  #devices = new Map();
  #nextPosition = 1;
  /** Commands that were sent, as they came. */
  commands = [];
  /**
   * What a device does when it is asked where it is: `moves` (tells a new place), `sleeps` (nothing,
   * the command is queued: 202), `ignores` (nothing, 200), `refuses` (400).
   */
  device = 'moves';

  constructor({token = 'a traccar token'} = {}) {
    super();
    this.token = token;
  }

  addDevice(uniqueId, more = {}) {
    const device = {id: 100 + this.#devices.size, name: `Device ${uniqueId}`, uniqueId,
      status: 'online', disabled: false, lastUpdate: null, positionId: 0, groupId: 0, phone: null,
      model: null, contact: null, category: 'car', attributes: {}, ...more};
    this.#devices.set(uniqueId, device);
    return device;
  }

  place(uniqueId, {latitude, longitude, time = Date.now(), speed = 0, course = 0, ...more}) {
    const device = this.#devices.get(uniqueId) ?? this.addDevice(uniqueId);
    const told = new Date(time).toISOString().replace('Z', '+00:00');
    const position = {id: this.#nextPosition++, deviceId: device.id, protocol: 'osmand',
      deviceTime: told, fixTime: told, serverTime: new Date().toISOString().replace('Z', '+00:00'),
      outdated: false, valid: true, latitude, longitude, altitude: 0,
      speed: speed * 3600 / 1852, course, address: null, accuracy: 0, network: null,
      geofenceIds: null, attributes: {}, ...more};
    device.positionId = position.id;
    device.lastUpdate = position.serverTime;
    this.places.set(uniqueId, position);
    this.#tell({positions: [position]});
  }

  /** How many listen. */
  get listeners() {
    return this.#sockets.size;
  }

  /** Breaks the lines of those who listen. */
  hangUp() {
    for (const socket of this.#sockets) socket.destroy();
  }

  #tell(message) {
    for (const socket of this.#sockets) socket.send(JSON.stringify(message));
  }

  #knows(request) {
    return request.headers.authorization === `Bearer ${this.token}`;
  }

  // The socket knows no Authorization header.
  accepts(request) {
    const {pathname, searchParams} = new URL(request.url, this.url);
    return pathname === '/api/socket' && searchParams.get('token') === this.token;
  }

  open(socket) {
    this.#sockets.add(socket);
    socket.onEnd = () => this.#sockets.delete(socket);
    socket.send(JSON.stringify({positions: [...this.places.values()]}));
  }

  answer(request, response, {pathname, searchParams}, body) {
    if (!this.#knows(request)) return response.writeHead(401).end('HTTP 401 Unauthorized');
    switch (pathname) {
      case '/api/devices': return this.#tellDevices(request, response, searchParams);
      case '/api/positions': return this.#tellPositions(request, response, searchParams);
      case '/api/commands/send': return this.#command(response, JSON.parse(body));
      default: return response.writeHead(404).end();
    }
  }

  #tellDevices(request, response, query) {
    const wanted = query.getAll('uniqueId');
    const devices = [...this.#devices.values()];
    return sendJson(request, response,
      wanted.length ? devices.filter((device) => wanted.includes(device.uniqueId)) : devices);
  }

  #tellPositions(request, response, query) {
    const wanted = query.getAll('deviceId').map(Number);
    const positions = [...this.places.values()];
    return sendJson(request, response,
      wanted.length ? positions.filter(({deviceId}) => wanted.includes(deviceId)) : positions);
  }

  #command(response, command) {
    this.commands.push(command);
    const device = [...this.#devices.values()].find(({id}) => id === command.deviceId);
    if (!device || this.device === 'refuses') return response.writeHead(400).end('Not supported');
    if (this.device === 'moves' && command.type === 'positionSingle') {
      const {latitude = 0, longitude = 0} = this.places.get(device.uniqueId) ?? {};
      // After the answer, as from a device; Traccar's times are in milliseconds.
      setTimeout(() => this.place(device.uniqueId,
        {latitude: latitude + 0.001, longitude: longitude + 0.001}), 20);
    }
    response.writeHead(this.device === 'sleeps' ? 202 : 200, {'Content-Type': 'application/json'});
    return response.end(JSON.stringify({id: 0, description: null, textChannel: false, ...command}));
  }
}

/** An OwnTracks Recorder: /api/0/last, of all or of one user's device. Ids are `user/device`. */
export class OwntracksProvider extends Provider {
  #message({id, latitude, longitude, time, speed, ...more}) {
    const [username, device] = id.split('/');
    const tst = Math.floor(time / 1000);
    return {_type: 'location', tid: id.slice(-2), lat: latitude, lon: longitude, tst,
      ...(speed === undefined ? {} : {vel: Math.round(speed * 3.6)}), ...more,
      topic: `owntracks/${id}`, username, device, ghash: 'u33dc0v', isorcv: new Date().toISOString(),
      isotst: new Date(tst * 1000).toISOString(), disptst: new Date(tst * 1000).toISOString()};
  }

  answer(request, response, {pathname, searchParams}) {
    if (pathname !== '/api/0/last') return response.writeHead(404).end();
    const [user, device] = [searchParams.get('user'), searchParams.get('device')];
    const wanted = [...this.places.values()].filter(({id}) =>
      (user === null || id.split('/')[0] === user) && (device === null || id.split('/')[1] === device));
    return sendJson(request, response, wanted.map((place) => this.#message(place)));
  }
}

const varint = (value) => {
  const bytes = [];
  for (let rest = BigInt(value); ; rest >>= 7n) {
    if (rest < 128n) return Buffer.from([...bytes, Number(rest)]);
    bytes.push(Number(rest & 127n) | 128);
  }
};
const field = (number, type, bytes) => Buffer.concat([varint(number << 3 | type), bytes]);
const message = (number, ...parts) => {
  const bytes = Buffer.concat(parts);
  return field(number, 2, Buffer.concat([varint(bytes.length), bytes]));
};
const text = (number, value) => message(number, Buffer.from(value));
const count = (number, value) => field(number, 0, varint(value));
const float = (number, value) => {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return field(number, 5, bytes);
};

/** A GTFS-Realtime feed of vehicle positions at `feedUrl`. Ids are those of the vehicles. */
export class GtfsRtProvider extends Provider {
  get feedUrl() {
    return `${this.url}/vehicles.pb`;
  }

  #entity({id, latitude, longitude, time, speed, course, route}) {
    const place = [float(1, latitude), float(2, longitude)];
    if (course !== undefined) place.push(float(3, course));
    if (speed !== undefined) place.push(float(5, speed));
    return message(2, text(1, `entity-${id}`), message(4,
      ...(route === undefined ? [] : [message(1, text(5, route))]),
      message(2, ...place), count(5, Math.floor(time / 1000)), message(8, text(1, id))));
  }

  answer(request, response, {pathname}) {
    if (pathname !== '/vehicles.pb') return response.writeHead(404).end();
    const places = [...this.places.values()];
    const newest = Math.max(0, ...places.map(({time}) => Math.floor(time / 1000)));
    const header = message(1, text(1, '2.0'), count(2, 0), count(3, newest));
    return send(request, response, Buffer.concat([header, ...places.map((place) => this.#entity(place))]),
      'application/x-protobuf');
  }
}
