// Answers packed for clients that take them so, and the client for browsers beside the protocol.
import assert from 'node:assert/strict';
import {mkdir, mkdtemp, rm, writeFile} from 'node:fs/promises';
import {request} from 'node:http';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {after, before, describe, test} from 'node:test';
import {gunzipSync} from 'node:zlib';

import {Gateway} from './lib/gateway.mjs';
import {within} from './lib/wait.mjs';

const script = `/*!\n * Socket.IO v9.8.7\n */\n${'let a = 1;\n'.repeat(200)}`;
let files;
let gateway;

before(async () => {
  files = await mkdtemp(join(tmpdir(), 'trackwire-integration-'));
  await writeFile(join(files, 'socket.io.min.js'), script);
});
after(() => rm(files, {recursive: true, force: true}));

/** One request, its body as it came over the wire. */
function ask(path, {accepted = 'gzip', method = 'GET', body, type} = {}) {
  const headers = {'accept-encoding': accepted, ...(type && {'content-type': type})};
  return within(new Promise((resolve, reject) => {
    const asking = request({port: gateway.port, host: '127.0.0.1', path, method, headers});
    asking.on('response', (answer) => {
      const parts = [];
      answer.on('data', (part) => parts.push(part));
      answer.on('end', () => resolve({
        status: answer.statusCode, headers: answer.headers, bytes: Buffer.concat(parts),
      }));
    });
    asking.on('error', reject);
    asking.end(body);
  }), `the answer to ${path}`);
}

async function start(...settings) {
  const all = [`web.client_files=${files}`, ...settings];
  gateway = await Gateway.start(all.flatMap((pair) => ['--set', pair]));
}

const query = JSON.stringify({query: '{__schema{types{name description fields{name}}}}'});
const routes = [
  ['/metrics', {}],
  ['/api/openapi.json', {}],
  ['/graphql', {method: 'POST', body: query, type: 'application/json'}],
];

describe('a gateway', () => {
  before(() => start());
  after(() => gateway.stop());

  for (const [path, options] of routes) {
    test(`packs ${path}`, async () => {
      const plain = await ask(path, {...options, accepted: 'gzip;q=0'});
      assert.equal(plain.headers['content-encoding'], undefined);
      const packed = await ask(path, options);
      assert.equal(packed.headers['content-encoding'], 'gzip');
      assert.ok(packed.headers.vary.split(', ').includes('Accept-Encoding'), packed.headers.vary);
      assert.ok(packed.bytes.length < plain.bytes.length / 2);
      const text = gunzipSync(packed.bytes).toString();
      if (path !== '/metrics') assert.equal(text, plain.bytes.toString());
    });
  }

  test('leaves short answers as they are', async () => {
    const answer = await ask('/api/trackers?limit=1');
    assert.equal(answer.status, 200);
    assert.equal(answer.headers['content-encoding'], undefined);
  });

  test('counts what it packs', async () => {
    const metrics = await gateway.metrics();
    assert.ok(metrics.trackwire_bodies_packed_total >= 2);
    assert.equal(metrics.trackwire_bodies_not_packed_total, 0);
    assert.ok(metrics.trackwire_bytes_after_packing_total <
              metrics.trackwire_bytes_before_packing_total / 2);
  });

  test('serves the client for browsers from the folder it is given', async () => {
    const answer = await ask('/socket.io/socket.io.min.js');
    assert.equal(answer.headers.etag, 'W/"9.8.7"');
    assert.equal(gunzipSync(answer.bytes).toString(), script);
    assert.equal((await ask('/socket.io/socket.io.js')).status, 400);
  });
});

test('a gateway told not to packs nothing but files', async () => {
  await start('http.compression=false');
  for (const [path, options] of routes.filter(([path]) => path !== '/api/openapi.json')) {
    assert.equal((await ask(path, options)).headers['content-encoding'], undefined);
  }
  assert.equal((await ask('/socket.io/socket.io.min.js')).headers['content-encoding'], 'gzip');
  await gateway.stop();
});

test('a gateway without the client for browsers says so and serves the rest', async () => {
  const empty = join(files, 'empty');
  await mkdir(empty);
  await start(`web.client_files=${empty}`);
  await gateway.logged(/warn .*the client for browsers is not served.*empty has no socket\.io/);
  assert.equal((await ask('/socket.io/socket.io.min.js')).status, 400);
  assert.equal((await ask('/socket.io/?EIO=4&transport=polling')).status, 200);
  await gateway.stop();

  await start('web.client_files=none');
  assert.equal((await ask('/socket.io/socket.io.min.js')).status, 400);
  assert.doesNotMatch(gateway.log, /client for browsers/);
  await gateway.stop();
});
