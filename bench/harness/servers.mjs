// The servers that stand beside each other in the tables: two floors, the gateway, peers.
import {existsSync, mkdtempSync, rmSync} from 'node:fs';
import {createRequire} from 'node:module';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

import {capture, startServer} from './processes.mjs';

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
 * @property {number} pid
 * @property {string[]} load arguments that make the generator publish its way
 * @property {Record<string, string>} [env] environment of the generator
 * @property {() => Promise<void>} stop
 */

/** @returns {Server[]} in the order of the tables; the floors come first */
export function servers(root) {
  const build = join(root, 'build/release');
  return [
    floor(build, 'floor-single', 'bare loop, one call a message', ['--mode', 'single']),
    floor(build, 'floor-coalesced', 'bare loop, up to 16 a call',
      ['--mode', 'coalesced', '--per-call', '16']),
    gateway(build),
    library(build),
    nodePeer(root),
  ];
}

function floor(build, name, title, args) {
  const program = join(build, 'trackwire-floor');
  return {
    name,
    title,
    absent: () => (existsSync(program) ? null : 'trackwire-floor is not built'),
    start: async () =>
      ({...await startServer(program, args), load: ['--publish', 'event']}),
  };
}

function gateway(build) {
  const program = join(build, 'trackwire');
  return {
    name: 'trackwire',
    title: 'Trackwire gateway',
    absent: () => (existsSync(program) ? null : 'trackwire is not built'),
    start: () => startGateway(program),
  };
}

// A whole gateway with its embedded broker and an empty database of its own; notifications go in
// by HTTP as a publisher would send them, and every client is an anonymous session.
async function startGateway(program) {
  const cwd = mkdtempSync(join(tmpdir(), 'trackwire-bench-'));
  const clean = () => rmSync(cwd, {recursive: true, force: true});
  try {
    const env = {TRACKWIRE_VISIBILITY_UNKNOWN_TRACKERS: 'public'};
    const server = await startServer(program,
      ['serve', '--listen', '127.0.0.1:0', '--threads', '1'], {cwd, env});
    const token = await capture(program, ['token', '--sub', 'bench', '--role', 'admin'], {cwd});
    return {
      ...server,
      load: ['--publish', 'http'],
      env: {TRACKWIRE_LOAD_TOKEN: token.trim()},
      stop: () => server.stop().finally(clean),
    };
  } catch (error) {
    clean();
    throw error;
  }
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

function nodePeer(root) {
  const folder = join(root, 'bench/peers/node');
  const script = join(folder, 'server.js');
  return {
    name: 'node',
    title: 'Node socket.io 4.8.4',
    absent: () => {
      try {
        createRequire(script).resolve('socket.io');
        return null;
      } catch {
        return 'its npm packages are not installed (npm ci in bench/peers/node)';
      }
    },
    start: async () =>
      ({...await startServer(process.execPath, [script]), load: ['--publish', 'event']}),
  };
}
