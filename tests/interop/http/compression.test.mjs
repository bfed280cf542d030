// Packed bodies of long-polling, and the client for browsers as files.

import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {spawnSync} from 'node:child_process';
import {gunzipSync, inflateSync} from 'node:zlib';
import {describe, it} from 'node:test';
import {Fetch, io} from 'socket.io-client';
import {PollingSession} from '../lib/engineio.mjs';
import {request} from '../lib/http.mjs';
import {calm, isReference, useServer} from '../lib/server.mjs';

const long = `4${'a message that repeats itself; '.repeat(200)}`;

describe('Bodies of long-polling', () => {
  const server = useServer('--engineio', ...calm);

  async function answerFor(accepted, message = long) {
    const session = await PollingSession.open(server.port);
    await session.send(message);
    return session.poll({headers: accepted === undefined ? {} : {'accept-encoding': accepted}});
  }

  const unpack = {gzip: gunzipSync, deflate: inflateSync};
  for (const [accepted, coding] of [
    ['gzip', 'gzip'], ['deflate', 'deflate'], ['gzip, deflate, br', 'gzip'], ['*', 'gzip'],
    ['gzip;q=0.2, deflate;q=0.8', 'deflate'], ['gzip;q=0, deflate', 'deflate'],
  ]) {
    it(`are packed for "${accepted}" with ${coding}`, async () => {
      const answer = await answerFor(accepted);
      assert.equal(answer.status, 200);
      assert.equal(answer.headers['content-encoding'], coding);
      assert.ok(answer.body.length < long.length / 5);
      assert.equal(unpack[coding](answer.body).toString(), long);
    });
  }

  for (const accepted of [undefined, '', 'identity', 'br;q=0', 'gzip;q=0', '*;q=0']) {
    it(`are sent as they are for "${accepted}"`, async () => {
      const answer = await answerFor(accepted);
      assert.equal(answer.headers['content-encoding'], undefined);
      assert.equal(answer.text, long);
    });
  }

  it('are sent as they are below the threshold', async () => {
    const answer = await answerFor('gzip', `4${'x'.repeat(1022)}`);
    assert.equal(answer.headers['content-encoding'], undefined);
    assert.equal((await answerFor('gzip', `4${'x'.repeat(1023)}`)).headers['content-encoding'],
                 'gzip');
  });

  it('reach fetch and curl', async () => {
    const session = await PollingSession.open(server.port);
    await session.send(long);
    const answer = await fetch(`http://127.0.0.1:${server.port}${session.url}`);
    assert.equal(answer.headers.get('content-encoding'), 'gzip');
    assert.equal(await answer.text(), long);
    await session.send(long);
    const curl = spawnSync('curl', ['--silent', '--compressed', '--max-time', '30',
                                    `http://127.0.0.1:${server.port}${session.url}`]);
    assert.equal(curl.stdout.toString(), long);
  });

  it('are not taken packed from clients', async () => {
    if (isReference) return;  // npm's server reads the packed bytes as text
    const session = await PollingSession.open(server.port);
    const answer = await session.post('4abc', {'content-encoding': 'gzip'});
    assert.equal(answer.status, 415);
    await session.send('4abc');
    assert.equal(await session.next(), '4abc');
  });
});

const files = join(dirname(dirname(fileURLToPath(import.meta.url))), 'node_modules',
                   'socket.io-client');
const {version} = JSON.parse(readFileSync(join(files, 'package.json')));

describe('The client for browsers', () => {
  const server = useServer('--client-files', join(files, 'dist'), ...calm);
  const get = (name, headers = {}, method = 'GET') =>
    request(server.port, `/socket.io/${name}`, {headers, method});

  for (const build of ['socket.io.js', 'socket.io.min.js', 'socket.io.esm.min.js',
                       'socket.io.msgpack.min.js']) {
    it(`comes as ${build}, with its map`, async () => {
      for (const [name, type] of [[build, 'javascript'], [`${build}.map`, 'json']]) {
        const bytes = readFileSync(join(files, 'dist', name));
        const plain = await get(name);
        assert.equal(plain.status, 200);
        assert.equal(plain.headers['content-type'], `application/${type}; charset=utf-8`);
        assert.equal(plain.headers['cache-control'], 'public, max-age=0');
        assert.ok(plain.body.equals(bytes));
        const packed = await get(name, {'accept-encoding': 'gzip'});
        assert.equal(packed.headers['content-encoding'], 'gzip');
        assert.ok(gunzipSync(packed.body).equals(bytes));
      }
    });
  }

  it('is not sent again to who has it', async () => {
    const {etag} = (await get('socket.io.min.js')).headers;
    assert.equal(etag.replace(/^W\//, ''), `"${version}"`);
    for (const tag of [etag, `"${version}"`, `W/"${version}"`]) {
      const again = await get('socket.io.min.js', {'if-none-match': tag});
      assert.equal(again.status, 304);
      assert.equal(again.body.length, 0);
    }
    assert.equal((await get('socket.io.min.js', {'if-none-match': '"0.0.1"'})).status, 200);
  });

  it('is all there is to be had', async () => {
    for (const name of ['package.json', 'socket.io.mjs', '%2e%2e/package.json',
                        '..%2fpackage.json', 'dist/socket.io.js']) {
      assert.equal((await get(name)).status, 400, name);
    }
  });

  it('stands beside the protocol', async () => {
    // Of these, fetch asks for packed bodies by itself.
    for (const transport of ['polling', 'websocket', Fetch]) {
      const socket = io(`http://127.0.0.1:${server.port}`, {transports: [transport], forceNew: true});
      const back = new Promise((resolve) => socket.on('message-back', (...args) => resolve(args)));
      const bytes = Buffer.alloc(5000, 'b');
      socket.emit('message', long, bytes);
      assert.deepEqual(await back, [long, bytes]);
      socket.disconnect();
    }
  });
});
