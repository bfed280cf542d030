import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const kRepository = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..');
const kBinary = path.resolve(kRepository, process.env.TRACKWIRE_BIN ?? 'build/release/trackwire');
const kStartMs = 60_000;

const run = promisify(execFile);

const kEnvironment = {
  TRACKWIRE_WEB_ROOT: path.resolve(kRepository, 'build/release/web'),
  ...process.env,
  // The tests make trackers appear that the store does not know.
  TRACKWIRE_VISIBILITY_UNKNOWN_TRACKERS: 'public',
};

/**
 * Starts `trackwire serve` in a directory of its own and waits until it listens. `settings` are
 * configuration keys as environment variables, without their prefix, `config` is the text of a
 * configuration file; without `demo` there are no ships.
 */
export async function startGateway(settings = {}, { config = '', demo = true } = {}) {
  if (!existsSync(kBinary)) throw new Error(`no gateway at ${kBinary}: build it first`);
  const directory = await mkdtemp(path.join(tmpdir(), 'trackwire-browser-'));
  const environment = { ...kEnvironment };
  for (const [key, value] of Object.entries(settings)) environment[`TRACKWIRE_${key}`] = value;
  const place = { cwd: directory, env: environment };
  const file = path.join(directory, 'test.toml');
  await writeFile(file, config);
  const given = ['--config', file, ...(demo ? ['--demo'] : [])];
  const child = spawn(kBinary, ['serve', ...given, '--listen', '127.0.0.1:0'], {
    ...place,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = [];
  child.stderr.on('data', (chunk) => {
    output.push(String(chunk));
    if (output.length > 200) output.shift();
  });
  const exited = new Promise((resolve) => child.once('exit', resolve));
  const url = await listeningUrl(child, exited, output);
  const makeToken = async (...options) =>
    (await run(kBinary, ['token', ...options], place)).stdout.trim();
  const admin = await makeToken('--sub', 'test', '--role', 'admin');

  /** Asks as an admin; throws for anything but success. */
  const ask = async (method, route, body) => {
    const response = await fetch(url + route, {
      method,
      headers: { authorization: `Bearer ${admin}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${route}: ${response.status} ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  };

  return {
    url,
    port: Number(new URL(url).port),
    makeToken,
    ask,

    /** Puts notifications into the pipeline, as a publisher would. */
    publish: (envelopes) => ask('POST', '/api/notifications', envelopes),

    /** The list as an admin gets it: with everything. */
    trackers: () => ask('GET', '/api/trackers'),

    /** Makes somebody who can sign in; `options` are those of `trackwire user add`. */
    async addUser(name, password, ...options) {
      const adding = run(kBinary, ['user', 'add', name, ...options], place);
      adding.child.stdin.end(`${password}\n`);
      await adding;
    },

    /** `trackwire user ACT NAME`, such as `disable`. */
    user: (act, name) => run(kBinary, ['user', act, name], place),

    async stop() {
      child.kill('SIGTERM');
      await exited;
      await rm(directory, { recursive: true, force: true });
    },
  };
}

function listeningUrl(child, exited, output) {
  return new Promise((resolve, reject) => {
    const fail = (reason) => reject(new Error(`${reason}\n${output.join('')}`));
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      fail('the gateway did not listen in time');
    }, kStartMs);
    exited.then((code) => fail(`the gateway ended with ${code}`));
    createInterface({ input: child.stdout }).on('line', (line) => {
      output.push(`${line}\n`);
      const match = /listening (http:\/\/\S+)/.exec(line);
      if (!match) return;
      clearTimeout(timer);
      resolve(match[1]);
    });
  });
}

/** An envelope with a position, one minute ahead so that the demo's own fixes stay behind it. */
export function located(id, latitude, longitude, extra = {}) {
  return {
    message_type: 'tracker_location_updated',
    tracker_id: id,
    notification: {
      tracker_id: id,
      latitude,
      longitude,
      fix_time: new Date(Date.now() + 60_000).toISOString(),
      ...extra,
    },
  };
}

/** An envelope with a change of status on one axis. */
export function changed(id, axis, status) {
  const since = new Date(Date.now() + 60_000).toISOString();
  return {
    message_type: 'tracker_status_change',
    tracker_id: id,
    notification: {
      tracker_id: id,
      axis,
      status,
      previous_status: 'unknown',
      reason: 'test',
      since,
      timestamp: since,
    },
  };
}

/** Envelopes that make a tracker appear, online and moving or stopped. */
export function appeared(id, latitude, longitude, motion, extra = {}) {
  return [
    located(id, latitude, longitude, extra),
    changed(id, 'connectivity', 'online'),
    changed(id, 'motion', motion),
  ];
}
