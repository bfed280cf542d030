// The whole program as the server under test: `trackwire serve` in memory, on a port of its own.

import assert from 'node:assert/strict';
import {createHmac} from 'node:crypto';
import {existsSync, readFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {after, afterEach, before} from 'node:test';
import {io} from 'socket.io-client';
import {frame, opcode, RawWebSocket} from './websocket.mjs';
import {RawConnection} from './http.mjs';
import {startProgram, threads} from './server.mjs';
import {Inbox, within} from './wait.mjs';

const secret = 'a secret that only these tests know';
const here = dirname(dirname(fileURLToPath(import.meta.url)));

export const socketPath = '/socket.io/';
export const websocketTarget = `${socketPath}?EIO=4&transport=websocket`;
export const pollingTarget = `${socketPath}?EIO=4&transport=polling`;

/** A token that the server under test trusts. */
export function token(claims, header = {alg: 'HS256', typ: 'JWT'}) {
  const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const exp = Math.floor(Date.now() / 1000) + 3600;
  const input = `${encode(header)}.${encode({exp, ...claims})}`;
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
}

/** Starts a gateway, with `news` for everybody. The caller stops it. */
export function startGateway(...flags) {
  const build = process.env.TRACKWIRE_BUILD_DIR ?? join(here, '..', '..', 'build', 'release');
  const program = join(build, 'trackwire');
  assert.ok(existsSync(program), `${program} is not built`);
  return startProgram(program, [
    'serve', '--listen', '127.0.0.1:0', '--threads', threads, '--database', 'sqlite::memory:',
    '--set', `auth.jwt_secret=${secret}`, '--set', 'visibility.public_events=news', ...flags,
  ]);
}

/** Publishes `news` and returns once the gateway has taken them. */
export async function publishNews(port, notification) {
  const answer = await fetch(`http://127.0.0.1:${port}/api/notifications`, {
    method: 'POST',
    headers: {authorization: `Bearer ${token({permissions: ['notifications:publish']})}`},
    body: JSON.stringify({message_type: 'news', notification}),
  });
  assert.equal(answer.status, 202);
}

/**
 * One gateway for all tests of the enclosing suite, and a client that behaves: after each test it
 * must still be served on the connection it had before the first.
 */
export function useGateway(...flags) {
  const used = {server: undefined, get port() { return this.server.port; }};
  let client;
  let said = 0;
  before(async () => {
    used.server = await startGateway(...flags);
    client = await Visitor.connect(used.port);
  });
  afterEach(async () => {
    await publishNews(used.port, {n: ++said});
    assert.deepEqual(await client.next('news'), {n: said});
    assert.equal(client.disconnects, 0);
  });
  after(async () => {
    client.close();
    assert.ok(used.server.alive, `the server died: ${used.server.errors}`);
    await used.server.stop();
  });
  return used;
}

/** An official client. */
export class Visitor {
  #events = new Map();
  disconnects = 0;

  static async connect(port, {headers, ...auth} = {}) {
    const visitor = new Visitor();
    visitor.socket = io(`http://127.0.0.1:${port}`,
      {transports: ['websocket'], forceNew: true, auth, extraHeaders: headers});
    visitor.socket.onAny((name, payload) => visitor.#inbox(name).push(payload));
    visitor.socket.on('disconnect', () => ++visitor.disconnects);
    visitor.session = await visitor.next('session');
    return visitor;
  }

  #inbox(name) {
    if (!this.#events.has(name)) this.#events.set(name, new Inbox());
    return this.#events.get(name);
  }

  next(name) {
    return this.#inbox(name).next(`an event called ${name}`);
  }

  close() {
    this.socket.close();
  }
}

/** A WebSocket by hand that has joined the main namespace. */
export async function seated(port) {
  const socket = await RawWebSocket.open(port, websocketTarget);
  assert.match(await socket.nextText(), /^0\{/);
  await socket.sendText('40');
  assert.match(await socket.nextText(), /^40\{/);
  assert.match(await socket.nextText(), /^42\["session"/);
  return socket;
}

/** Returns once all that was sent before was read, known by the pong; the frames up to it. */
export async function settle(socket) {
  const frames = [];
  await socket.send(frame(opcode.ping, 'settled'));
  for (;;) {
    const got = await socket.next();
    if (got === null || got.opcode === opcode.close) return null;
    if (got.opcode === opcode.pong && got.payload.toString() === 'settled') return frames;
    frames.push(got);
  }
}

/** Reads on until the server says goodbye or is gone. */
export async function farewell(socket) {
  for (;;) {
    const got = await socket.next();
    if (got === null || got.opcode === opcode.close) return;
  }
}

/** Sends bytes and reads until the server ends the connection; every status that was answered. */
export async function statuses(port, bytes) {
  const connection = await RawConnection.open(port);
  await connection.send(bytes);
  connection.finish();
  const text = (await within(connection.readToEnd(), 'the end of it')).toString('latin1');
  connection.destroy();
  return [...text.matchAll(/^HTTP\/1\.1 (\d{3}) /gm)].map((match) => Number(match[1]));
}

/** What the server has in memory, in bytes. */
export function residentBytes(pid) {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)[1]) * 1024;
}
