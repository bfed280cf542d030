// Bad input of every kind: a clear answer, and a healthy client beside it that notices nothing.
import assert from 'node:assert/strict';
import net from 'node:net';
import {after, before, beforeEach, afterEach, test} from 'node:test';

import {Client} from './lib/client.mjs';
import {Gateway} from './lib/gateway.mjs';
import {eventually, within} from './lib/wait.mjs';

let gateway;
let healthy;
let round = 0;
before(async () => {
  gateway = await Gateway.start(['--threads', '2'], {TRACKWIRE_VISIBILITY_PUBLIC_EVENTS: 'news'});
  healthy = await Client.connect(gateway.url);
});
after(async () => {
  healthy.close();
  await gateway.stop();
});
let pid;
beforeEach(() => {
  pid = gateway.pid;
});
afterEach(async () => {
  await gateway.say('news', ++round);
  await healthy.reach('news', round);
  assert.equal(healthy.disconnects.length, 0);
  assert.equal(gateway.pid, pid);
});

/** The first byte of a WebSocket's close frame; nothing else we get here has it. */
const farewell = 0x88;

/** Sends bytes; what came back by the time the server said farewell, closed or `enough` holds. */
async function talk(bytes, enough = () => false) {
  const socket = net.connect(gateway.port, '127.0.0.1');
  let answer = Buffer.alloc(0);
  const done = new Promise((resolve) => {
    socket.on('data', (chunk) => {
      answer = Buffer.concat([answer, chunk]);
      if (answer.includes(farewell) || enough(answer)) resolve();
    });
    socket.on('close', resolve);
    socket.on('error', resolve);
  });
  socket.write(bytes);
  await within(done, `an answer to ${JSON.stringify(bytes.toString('latin1').slice(-60))}`);
  socket.destroy();
  return answer.toString('latin1');
}

const upgrade = 'GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\n' +
  'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n' +
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n';

function frame(opcode, body, {masked = true, fin = true, rsv = 0} = {}) {
  const bytes = Buffer.from(body);
  const head = [(fin ? 0x80 : 0) | rsv | opcode];
  if (bytes.length < 126) head.push((masked ? 0x80 : 0) | bytes.length);
  else head.push((masked ? 0x80 : 0) | 126, bytes.length >> 8, bytes.length & 255);
  return Buffer.concat([Buffer.from(head), masked ? Buffer.alloc(4) : Buffer.alloc(0), bytes]);
}

test('requests that are no HTTP', async () => {
  const head = (line) => `${line}\r\nHost: x\r\n\r\n`;
  for (const [bytes, status] of [
    ['\x16\x03\x01\x02\x00\x01\x00\r\n\r\n', /^(HTTP\/1\.1 400|$)/],
    [head('GET / HTTP/9.9'), /^HTTP\/1\.1 (400|505)/],
    [head('GET'), /^HTTP\/1\.1 400/],
    [`GET / HTTP/1.1\r\nHost: x\r\nX: ${'y'.repeat(70_000)}\r\n\r\n`, /^HTTP\/1\.1 431/],
    ['POST /api/notifications HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n',
      /^HTTP\/1\.1 400/],
    ['POST /api/notifications HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n' +
      'Transfer-Encoding: chunked\r\n\r\n', /^HTTP\/1\.1 400/],
  ]) {
    assert.match(await talk(bytes), status);
  }
});

test('Engine.IO requests that ask for nothing sensible', async () => {
  for (const [path, code] of [
    ['/socket.io/', 0], ['/socket.io/?EIO=4&transport=pigeon', 0],
    ['/socket.io/?EIO=4&transport=polling&sid=__proto__', 1],
    ['/socket.io/?EIO=3&transport=polling', 5],
    ['/socket.io/?EIO=4&transport=websocket', 3],
  ]) {
    const {status, body} = await gateway.get(path);
    assert.equal(status, 400, path);
    assert.equal(body.code, code, path);
  }
});

test('WebSocket frames that break the rules', async () => {
  const cases = {
    'not masked': frame(1, '40', {masked: false}),
    'reserved bits': frame(1, '40', {rsv: 0x40}),
    'unknown opcode': frame(3, 'x'),
    'continuation of nothing': frame(0, 'x'),
    'a fragmented ping': frame(9, 'x', {fin: false}),
    'a long ping': frame(9, 'x'.repeat(126)),
    'text that is no UTF-8': frame(1, [0x34, 0xff, 0xfe]),
    'a close frame of one byte': frame(8, 'x'),
    'a message beyond the limit': Buffer.concat([
      Buffer.from([0x81, 0xff, 0, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff]), Buffer.alloc(4)]),
  };
  for (const [name, bytes] of Object.entries(cases)) {
    const answer = await talk(Buffer.concat([Buffer.from(upgrade), bytes]));
    assert.match(answer, /^HTTP\/1\.1 101/, name);
  }
});

test('packets that mean nothing end their own connection', async () => {
  for (const packet of ['', '7', '4', '47', '4abc', '40[1]', '40{bad', '42["x"]', '44{}',
    '40"s"', `40${'['.repeat(5_000)}`, '40/' + 'n'.repeat(3_000) + '{']) {
    const answer = await talk(Buffer.concat([Buffer.from(upgrade), frame(1, packet)]),
      (text) => text.includes('Invalid namespace'));
    assert.match(answer, /^HTTP\/1\.1 101/, packet.slice(0, 20));
  }
  for (const packet of ['40', '42', '42[]', '42{}', '42[null]', '42["connect"]', '421e3["x"]', '45["x"]', '4511-["x"]',
    '42["x"', `42["x",${'['.repeat(5_000)}${']'.repeat(5_000)}]`]) {
    const answer = await talk(Buffer.concat(
      [Buffer.from(upgrade), frame(1, '40'), frame(1, packet)]),
    (text) => packet === '42' && text.includes('session'));
    assert.match(answer, /^HTTP\/1\.1 101/, packet.slice(0, 20));
  }
  const metrics = await gateway.metrics();
  assert.ok(metrics['trackwire_bad_input_total{layer="socketio"}'] > 10);
});

test('CONNECT with hostile auth is let in as anonymous or turned away', async () => {
  for (const auth of [{token: 'x'.repeat(100_000)}, {token: {}}, {token: 7}, {pid: 'x', offset: 'y'},
    {pid: 7, offset: []}, {pid: '', offset: ''}, {pid: 'p'.repeat(10_000), offset: '1.1-1'},
    {token: 'a.b.c'}, {token: '..'}, {token: 'eyJhbGciOiJub25lIn0.e30.'}]) {
    const client = await Client.connect(gateway.url, {auth});
    assert.equal(client.of('session')[0].user, null);
    assert.equal(client.of('session')[0].recovered, false);
    client.close();
  }
});

test('envelopes of every wrong kind are refused, counted and kept out', async () => {
  const before = (await gateway.metrics())['trackwire_notifications_rejected_total{source="http"}'];
  const bad = ['{}', 'null', '"x"', '1e999', '[1]', '{"message_type":""}',
    '{"message_type":"x","notification":null}', '{"message_type":"x","notification":"{}"}',
    `{"message_type":"${'n'.repeat(129)}","notification":{}}`,
    '{"message_type":"x","notification":{},"tracker_id":{}}',
    '{"message_type":"x","notification":{},"client_id":[]}',
    '{"message_type":"x","notification":{},"id":{}}',
    `{"message_type":"x","notification":${'{"a":'.repeat(200)}1${'}'.repeat(200)}}`,
    '{"message_type":"x","notification":{"a":01}}',
    '{"message_type":"x","notification":{}} trailing',
    '{"message_type":"x","notification":{"\ud800":1}'];
  for (const body of bad) {
    const {status, body: answer} = await gateway.post(body);
    if (body === '[1]') {
      assert.equal(status, 202);
      assert.ok(answer.results[0].error.code);
    } else {
      assert.equal(status, 400, body.slice(0, 60));
      assert.ok(answer.error.code);
    }
  }
  const after = (await gateway.metrics())['trackwire_notifications_rejected_total{source="http"}'];
  assert.equal(after - before, bad.length);
});

test('a body that never comes costs nobody anything', async () => {
  const socket = net.connect(gateway.port, '127.0.0.1');
  socket.on('error', () => {});
  socket.write('POST /api/notifications HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{');
  await eventually(async () => (await gateway.get('/healthz')).status === 200, 'health');
  socket.destroy();
});
