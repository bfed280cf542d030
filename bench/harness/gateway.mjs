// The gateway as a server under test, in the ways it can be set up.
import {createHmac, randomBytes} from 'node:crypto';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

import {makeCertificate} from './certificate.mjs';
import {SERVER_CPU, capture, startServer} from './processes.mjs';
import {startRedis} from './redis.mjs';

/** Users whose tokens clients share among them. */
const USERS = 1000;
const TOKEN_SECONDS = 7200;
const ANNOUNCED_AT_ONCE = 500;

/**
 * @typedef {object} Setup
 * @property {Record<string, string | number>} [set] keys of the configuration
 * @property {number} [threads] shards, 1 unless told otherwise
 * @property {string} [processors] those of all gateways together
 * @property {number} [gateways] so many on one Redis; without it one with the embedded broker
 * @property {boolean} [users] each client shows a token in its cookie
 * @property {boolean} [tls] with a certificate of its own
 * @property {number} [announce] so many trackers are known before clients come
 * @property {string} [redisWay] publish into Redis, `channel` or `inbox`, instead of by HTTP
 */

const base64url = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A token as an identity provider with a shared secret gives it out. */
export function hs256(secret, claims) {
  const text = `${base64url({alg: 'HS256', typ: 'JWT'})}.${base64url(claims)}`;
  return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
}

function writeCookies(folder, secret) {
  const now = Math.floor(Date.now() / 1000);
  const lines = Array.from({length: USERS}, (_, i) => `access_token=${hs256(secret,
    {sub: `user-${i}@example.com`, iat: now, exp: now + TOKEN_SECONDS, roles: ['dispatcher']})}`);
  const file = join(folder, 'cookies');
  writeFileSync(file, `${lines.join('\n')}\n`, {mode: 0o600});
  return file;
}

function configuration(set, files) {
  const keys = files ? {'tls.certificate': files.certificate, 'tls.key': files.key, ...set} : set;
  return Object.entries(keys).map(([key, value]) => ['--set', `${key}=${value}`]).flat();
}

/**
 * A whole gateway with an empty database of its own; notifications go in by HTTP as a publisher
 * would send them, and every client is an anonymous session, unless the set-up says otherwise.
 * @param {string} program
 * @param {Setup} setup
 * @returns {Promise<import('./servers.mjs').Running>}
 */
export async function startGateway(program, setup = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'trackwire-bench-'));
  const secret = randomBytes(32).toString('hex');
  const env = {TRACKWIRE_VISIBILITY_UNKNOWN_TRACKERS: 'public', TRACKWIRE_AUTH_JWT_SECRET: secret};
  const started = [];
  const stop = async () => {
    for (const one of started.reverse()) await one.stop();
    rmSync(folder, {recursive: true, force: true});
  };
  try {
    const redis = setup.gateways || setup.redisWay ? await startRedis() : null;
    if (redis) started.push(redis);
    const files = setup.tls ? makeCertificate() : null;
    if (files) started.push({stop: files.remove});
    const gateways = [];
    for (let i = 0; i < (setup.gateways ?? 1); ++i) {
      const args = ['serve', '--listen', '127.0.0.1:0', '--threads', String(setup.threads ?? 1),
        '--database', `sqlite:gateway-${i}.db`, ...(redis ? ['--redis', redis.url] : []),
        ...configuration(setup.set ?? {}, files)];
      const one = await startServer(program, args,
        {cwd: folder, env, processors: setup.processors ?? SERVER_CPU});
      gateways.push(setup.tls ? {...one, url: one.url.replace(/^http:/, 'https:')} : one);
      started.push(one);
    }
    const token = await capture(program, ['token', '--sub', 'bench', '--role', 'admin'],
      {cwd: folder, env});
    const load = setup.redisWay
      ? ['--publish', 'redis', '--redis', redis.url, '--redis-way', setup.redisWay]
      : ['--publish', 'http'];
    if (setup.users) load.push('--cookies', writeCookies(folder, secret));
    if (setup.announce) await announce(gateways[0].url, token.trim(), setup.announce);
    return {
      url: gateways.map(({url}) => url).join(','),
      pid: gateways.map(({pid}) => pid).join(','),
      load,
      env: {TRACKWIRE_LOAD_TOKEN: token.trim()},
      metrics: setup.tls ? undefined : () => readMetrics(gateways),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Lets the gateway hear of trackers, as who subscribes to trackers must name known ones. */
async function announce(url, token, trackers) {
  for (let first = 0; first < trackers; first += ANNOUNCED_AT_ONCE) {
    const count = Math.min(ANNOUNCED_AT_ONCE, trackers - first);
    const envelopes = Array.from({length: count}, (_, i) => ({
      message_type: 'tracker_location_updated',
      notification: {tracker_id: `load-${first + i}`, latitude: 37.8, longitude: -122.5,
        fix_time: '2026-01-01T00:00:00.000Z'},
    }));
    const answer = await fetch(`${url}/api/notifications`, {method: 'POST',
      headers: {authorization: `Bearer ${token}`, 'content-type': 'application/json'},
      body: JSON.stringify(envelopes)});
    if (answer.status !== 202) throw new Error(`trackers were refused: ${await answer.text()}`);
  }
}

/** Values without labels, added up over the gateways. */
async function readMetrics(gateways) {
  const sums = {};
  for (const {url} of gateways) {
    const text = await (await fetch(`${url}/metrics`)).text();
    for (const [, name, value] of text.matchAll(/^(trackwire_\w+) (\S+)$/gm)) {
      sums[name] = (sums[name] ?? 0) + Number(value);
    }
  }
  return sums;
}
