// Two WebSocket clients: `openSocket` on the ws package for well-behaved traffic, `RawWebSocket`
// for frames no library would send.

import {createHash, randomBytes} from 'node:crypto';
import WebSocket from 'ws';
import {RawConnection} from './http.mjs';
import {Inbox, within} from './wait.mjs';

/** A well-behaved client. Text arrives as strings, binary as Buffers, in `inbox`. */
export class SocketClient {
  inbox = new Inbox();

  constructor(url, options) {
    this.ws = new WebSocket(url, options);
    this.opened = new Promise((resolve, reject) => {
      this.ws.once('open', resolve);
      this.ws.once('error', reject);
    });
    this.opened.catch(() => {});
    this.ws.on('message', (data, isBinary) => this.inbox.push(isBinary ? data : data.toString()));
    this.ws.on('error', () => {});
    this.end = new Promise((resolve) => {
      this.ws.once('close', (code) => {
        this.inbox.end(`the server closed (${code})`);
        resolve(code);
      });
    });
  }

  send(data) {
    this.ws.send(data);
  }

  next(what) {
    return this.inbox.next(what);
  }

  /** The code the connection was closed with. */
  closed() {
    return within(this.end, 'the server to close the WebSocket');
  }

  /** Returns once the server has read all that was sent so far, known by a ping it answers. */
  settle() {
    const answer = new Promise((resolve) => this.ws.once('pong', resolve));
    this.ws.ping();
    return within(answer, 'a pong');
  }

  close() {
    this.ws.close();
    return this.closed();
  }

  terminate() {
    this.ws.terminate();
  }
}

/** Opens a WebSocket at `path` and waits for the 101. */
export async function openSocket(port, path, options) {
  const client = new SocketClient(`ws://127.0.0.1:${port}${path}`, options);
  await within(client.opened, 'the WebSocket to open');
  return client;
}

/** Asks for an upgrade that may be refused: {refused: status, body} or {client}. */
export function trySocket(port, path, options) {
  const client = new SocketClient(`ws://127.0.0.1:${port}${path}`, options);
  return within(new Promise((resolve, reject) => {
    client.ws.once('unexpected-response', (_, response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () => resolve({
        refused: response.statusCode,
        headers: response.headers,
        body: Buffer.concat(chunks).toString(),
      }));
    });
    client.opened.then(() => resolve({client}), reject);
  }), 'an answer to the upgrade');
}

export const opcode = {
  continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10,
};

/**
 * The bytes of one client frame. `lengthForm` forces 7, 16 or 64 bits; `declared` writes another
 * length than the payload has; `mask: false` leaves the mask out, as a client must not.
 */
export function frame(op, payload = '', options = {}) {
  const {fin = true, rsv = 0, mask = true, lengthForm, declared} = options;
  const data = Buffer.from(payload);
  const length = declared ?? BigInt(data.length);
  const form = lengthForm ?? (length < 126n ? 7 : length < 65536n ? 16 : 64);
  const head = [(fin ? 0x80 : 0) | (rsv << 4) | op];
  const maskBit = mask ? 0x80 : 0;
  let extended = Buffer.alloc(0);
  if (form === 7) {
    head.push(maskBit | Number(length));
  } else if (form === 16) {
    head.push(maskBit | 126);
    extended = Buffer.alloc(2);
    extended.writeUInt16BE(Number(length));
  } else {
    head.push(maskBit | 127);
    extended = Buffer.alloc(8);
    extended.writeBigUInt64BE(length);
  }
  if (!mask) return Buffer.concat([Buffer.from(head), extended, data]);
  const key = randomBytes(4);
  const masked = Buffer.from(data.map((byte, i) => byte ^ key[i % 4]));
  return Buffer.concat([Buffer.from(head), extended, key, masked]);
}

export function closeFrame(code, reason = '') {
  const payload = Buffer.alloc(2);
  payload.writeUInt16BE(code);
  return frame(opcode.close, Buffer.concat([payload, Buffer.from(reason)]));
}

/** The head of an upgrade request; entries of `change` replace a line, null leaves it out. */
export function upgradeRequest(path, change = {}, requestLine = `GET ${path} HTTP/1.1`) {
  const headers = {
    Host: '127.0.0.1',
    Upgrade: 'websocket',
    Connection: 'Upgrade',
    'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
    'Sec-WebSocket-Version': '13',
    ...change,
  };
  const lines = Object.entries(headers)
      .filter(([, value]) => value !== null)
      .map(([name, value]) => `${name}: ${value}\r\n`);
  return `${requestLine}\r\n${lines.join('')}\r\n`;
}

/** What Sec-WebSocket-Accept must be for `key`. */
export function acceptFor(key) {
  return createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
}

/** A WebSocket whose frames are written and read by hand. */
export class RawWebSocket {
  constructor(connection) {
    this.connection = connection;
  }

  static async open(port, path, {early = ''} = {}) {
    const connection = await RawConnection.open(port);
    await connection.send(Buffer.concat([Buffer.from(upgradeRequest(path)), Buffer.from(early)]));
    const response = await connection.response();
    if (response?.status !== 101) throw new Error(`no 101 but ${response?.status}`);
    return new RawWebSocket(connection);
  }

  send(...frames) {
    return this.connection.send(Buffer.concat(frames));
  }

  sendPieces(pieces) {
    return this.connection.sendPieces(pieces);
  }

  sendText(text) {
    return this.send(frame(opcode.text, text));
  }

  /** The next frame of the server, or null when the connection ended. */
  async next() {
    const head = await this.connection.read(2, 'a frame');
    if (head.length < 2) return null;
    const form = head[1] & 0x7f;
    let length = form;
    if (form === 126) length = (await this.connection.read(2)).readUInt16BE();
    if (form === 127) length = Number((await this.connection.read(8)).readBigUInt64BE());
    return {
      fin: (head[0] & 0x80) !== 0,
      rsv: (head[0] >> 4) & 7,
      opcode: head[0] & 0x0f,
      masked: (head[1] & 0x80) !== 0,
      form,
      payload: await this.connection.read(length, 'a frame payload'),
    };
  }

  /** The next frame, which must be text; its content. */
  async nextText() {
    const got = await this.next();
    if (got?.opcode !== opcode.text) throw new Error(`no text frame but ${JSON.stringify(got)}`);
    return got.payload.toString();
  }

  /** Reads on until the server closes; the code of its close frame, or null without a frame. */
  async closeCode() {
    let code = null;
    for (;;) {
      const got = await this.next();
      if (got === null) return code;
      if (got.opcode === opcode.close) {
        code = got.payload.length >= 2 ? got.payload.readUInt16BE() : 1005;
      }
    }
  }

  destroy() {
    this.connection.destroy();
  }
}
