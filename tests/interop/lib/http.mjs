// HTTP from both ends of politeness: `request` asks as any client would, `RawConnection` puts
// chosen bytes on the wire and reads the answers one by one.

import net from 'node:net';
import {Agent, request as httpRequest} from 'node:http';
import {patience, within} from './wait.mjs';

const agent = new Agent({keepAlive: false, maxSockets: 500});

/** One request on a connection of its own. `body` is a Buffer in the answer. */
export function request(port, path, {method = 'GET', headers = {}, body, signal} = {}) {
  const answer = new Promise((resolve, reject) => {
    const outgoing = httpRequest(
        {host: '127.0.0.1', port, path, method, headers, agent, signal}, (incoming) => {
          const chunks = [];
          incoming.on('data', (chunk) => chunks.push(chunk));
          incoming.on('error', reject);
          incoming.on('end', () => resolve({
            status: incoming.statusCode,
            headers: incoming.headers,
            body: Buffer.concat(chunks),
            get text() { return this.body.toString(); },
            get json() { return JSON.parse(this.text); },
          }));
        });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
  return within(answer, `the answer to ${method} ${path.slice(0, 100)}`);
}

/** A TCP connection that says exactly what it is told. */
export class RawConnection {
  #socket;
  #buffer = Buffer.alloc(0);
  #ended = false;
  #wake = () => {};

  static async open(port) {
    const socket = net.connect({host: '127.0.0.1', port, noDelay: true});
    await within(new Promise((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    }), 'a connection');
    return new RawConnection(socket);
  }

  constructor(socket) {
    this.#socket = socket;
    socket.on('data', (chunk) => {
      this.#buffer = Buffer.concat([this.#buffer, chunk]);
      this.#wake();
    });
    const end = () => {
      this.#ended = true;
      this.#wake();
    };
    socket.on('error', end);
    socket.on('end', end);
    socket.on('close', end);
  }

  /** True once the other side has finished or broken the connection. */
  get ended() {
    return this.#ended;
  }

  /** Writes and waits until the bytes have left this process. */
  send(bytes) {
    if (this.#ended || this.#socket.destroyed) return Promise.resolve();
    return new Promise((resolve) => this.#socket.write(bytes, () => resolve()));
  }

  /** Sends each piece in a segment of its own, as far as the kernel lets us. */
  async sendPieces(pieces) {
    for (const piece of pieces) {
      await this.send(piece);
      await new Promise(setImmediate);
    }
  }

  finish() {
    this.#socket.end();
  }

  destroy() {
    this.#socket.destroy();
  }

  /** Breaks the connection with RST instead of FIN. */
  reset() {
    this.#socket.resetAndDestroy();
  }

  pause() {
    this.#socket.pause();
  }

  resume() {
    this.#socket.resume();
  }

  /** Resolves with `parse(buffer)` once that gives a value; it may cut what it used. */
  async #until(parse, what) {
    const end = Date.now() + patience;
    for (;;) {
      const value = parse();
      if (value !== undefined) return value;
      const left = end - Date.now();
      if (left <= 0) throw new Error(`waited in vain for ${what}`);
      await within(new Promise((resolve) => { this.#wake = resolve; }), what, left);
    }
  }

  /** `count` bytes, or fewer when the connection ended before. */
  read(count, what = `${count} bytes`) {
    return this.#until(() => {
      if (this.#buffer.length < count && !this.#ended) return undefined;
      return this.#take(Math.min(count, this.#buffer.length));
    }, what);
  }

  /** Waits for the end of the connection; returns all that came before. */
  readToEnd(what = 'the end of the connection') {
    return this.#until(() => this.#ended ? this.#take(this.#buffer.length) : undefined, what);
  }

  #take(count) {
    const taken = this.#buffer.subarray(0, count);
    this.#buffer = this.#buffer.subarray(count);
    return taken;
  }

  async #readHead() {
    return this.#until(() => {
      const end = this.#buffer.indexOf('\r\n\r\n');
      if (end >= 0) return this.#take(end + 4).toString('latin1');
      return this.#ended ? null : undefined;
    }, 'a response head');
  }

  async #readLine() {
    return this.#until(() => {
      const end = this.#buffer.indexOf('\r\n');
      if (end >= 0) return this.#take(end + 2).toString('latin1').slice(0, -2);
      return this.#ended ? '' : undefined;
    }, 'a line');
  }

  /** The next response, or null when the connection ended instead. */
  async response({head = false} = {}) {
    const text = await this.#readHead();
    if (text === null) return null;
    const [statusLine, ...lines] = text.trimEnd().split('\r\n');
    const match = /^HTTP\/1\.[01] (\d{3})(?: .*)?$/.exec(statusLine);
    if (!match) throw new Error(`not a status line: ${statusLine}`);
    const headers = {};
    for (const line of lines) {
      const colon = line.indexOf(':');
      if (colon <= 0) throw new Error(`not a header: ${line}`);
      const name = line.slice(0, colon).toLowerCase();
      const value = line.slice(colon + 1).trim();
      headers[name] = name in headers ? `${headers[name]}, ${value}` : value;
    }
    const status = Number(match[1]);
    const bodiless = head || status < 200 || status === 204 || status === 304;
    const body = bodiless ? Buffer.alloc(0) : await this.#readBody(headers);
    return {status, headers, body, text: body.toString()};
  }

  async #readBody(headers) {
    if (headers['transfer-encoding'] === 'chunked') return this.#readChunks();
    if ('content-length' in headers) return this.read(Number(headers['content-length']), 'a body');
    return this.readToEnd('a body without length');
  }

  async #readChunks() {
    const chunks = [];
    for (;;) {
      const size = parseInt(await this.#readLine(), 16);
      if (!size) break;
      chunks.push(await this.read(size, 'a chunk'));
      await this.#readLine();
    }
    await this.#readLine();
    return Buffer.concat(chunks);
  }
}
