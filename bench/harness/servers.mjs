// The servers that stand beside each other in the tables: two floors, the gateway, peers.
import {execFileSync} from 'node:child_process';
import {existsSync, readFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {join} from 'node:path';

import {makeCertificate} from './certificate.mjs';
import {startGateway} from './gateway.mjs';
import {startServer} from './processes.mjs';
import {redisAbsent, startRedis} from './redis.mjs';

/** Debian's own, which knows Debian's packages. */
const PYTHON = '/usr/bin/python3';

/**
 * A server under test.
 * @typedef {object} Server
 * @property {string} name in raw results and for --server
 * @property {string} title in tables
 * @property {boolean} [onRequest] measured only when named by --server
 * @property {() => string | null} absent why it cannot be run here, null when it can
 * @property {() => Promise<Running>} start
 *
 * @typedef {object} Running
 * @property {string} url
 * @property {number | string} pid some with commas between
 * @property {string[]} load arguments that make the generator publish its way
 * @property {Record<string, string>} [env] environment of the generator
 * @property {() => Promise<Record<string, number>>} [metrics] what it counts itself
 * @property {() => Promise<void>} stop
 */

/** @returns {Server[]} in the order of the tables; the floors come first */
export function servers(root) {
  const build = join(root, 'build/release');
  return [
    floor(root),
    floor(root, 'floor-coalesced', 'bare loop, up to 16 a call',
      ['--mode', 'coalesced', '--per-call', '16']),
    gateway(root),
    library(build),
    nodePeer(root),
    pythonPeer(root),
    absentPeer('uwebsockets', 'uWebSockets',
      'its package for Node is in no registry, and Debian has none'),
  ];
}

export function floor(root, name = 'floor-single', title = 'bare loop, one call a message',
  args = ['--mode', 'single'], tls = false) {
  const program = join(root, 'build/release/trackwire-floor');
  const load = ['--publish', 'event'];
  return {
    name,
    title,
    absent: () => (existsSync(program) ? null : 'trackwire-floor is not built'),
    start: async () => {
      if (!tls) return {...await startServer(program, args), load};
      // The floor has read its files when it listens.
      const {certificate, key, remove} = makeCertificate();
      try {
        const files = ['--tls-certificate', certificate, '--tls-key', key];
        return {...await startServer(program, [...args, ...files]), load};
      } finally {
        remove();
      }
    },
  };
}

/** Why nothing can be measured with TLS; null when it can. */
export function tlsAbsent() {
  try {
    execFileSync('openssl', ['version'], {stdio: 'ignore'});
    return null;
  } catch {
    return 'the program openssl, which makes certificates, is not installed';
  }
}

/**
 * The gateway in some set-up.
 * @param {import('./gateway.mjs').Setup} [setup]
 */
export function gateway(root, name = 'trackwire', title = 'Trackwire gateway', setup = {}) {
  const program = join(root, 'build/release/trackwire');
  return {
    name,
    title,
    absent: () => {
      if (!existsSync(program)) return 'trackwire is not built';
      if (setup.tls && !readFileSync(program).includes('tls.certificate')) {
        return 'this build of trackwire speaks no TLS';
      }
      return setup.gateways || setup.redisWay ? redisAbsent() : null;
    },
    start: () => startGateway(program, setup),
  };
}

// Our Socket.IO library without the gateway around it: what the notification pipeline adds is the
// difference. Its program has the heartbeat of the official test suites unless told otherwise.
function library(build) {
  const program = join(build, 'examples/conformance');
  const args = ['--port', '0', '--threads', '1', '--ping-interval-ms', '25000',
    '--ping-timeout-ms', '60000', '--connect-timeout-ms', '45000'];
  return {
    name: 'library',
    title: 'Socket.IO library alone',
    onRequest: true,
    absent: () => (existsSync(program) ? null : 'examples/conformance is not built'),
    start: async () => ({...await startServer(program, args), load: ['--publish', 'event']}),
  };
}

/** @param {string[]} [args] of the peer's program */
export function nodePeer(root, name = 'node', title = 'Node socket.io 4.8.4', args = []) {
  const folder = join(root, 'bench/peers/node');
  const script = join(folder, 'server.js');
  return {
    name,
    title,
    absent: () => {
      try {
        createRequire(script).resolve('socket.io');
        return null;
      } catch {
        return 'its npm packages are not installed (npm ci in bench/peers/node)';
      }
    },
    start: async () =>
      ({...await startServer(process.execPath, [script, ...args]), load: ['--publish', 'event']}),
  };
}

// What the gateway takes the place of: notifications come through Redis, which runs beside the
// generator and is not in the figures.
export function pythonPeer(root) {
  const script = join(root, 'bench/peers/python/server.py');
  return {
    name: 'python',
    title: 'FastAPI + python-socketio',
    absent: () => {
      try {
        execFileSync(PYTHON, ['-c', 'import fastapi, redis, socketio, uvicorn, websockets'],
          {stdio: 'ignore'});
      } catch {
        return 'its Debian packages are not installed';
      }
      return redisAbsent();
    },
    start: async () => {
      const redis = await startRedis();
      try {
        const server = await startServer(PYTHON, [script, '--redis', redis.url]);
        return {...server, load: ['--publish', 'redis', '--redis', redis.url],
          stop: () => server.stop().finally(redis.stop)};
      } catch (error) {
        await redis.stop();
        throw error;
      }
    },
  };
}

// Shown, so that nobody wonders, and never guessed.
function absentPeer(name, title, reason) {
  return {name, title, absent: () => reason, start: () => Promise.reject(new Error(reason))};
}
