// A client that reads too slowly costs a bounded amount and nobody else anything.
import assert from 'node:assert/strict';
import net from 'node:net';
import {test} from 'node:test';

import {Client} from './lib/client.mjs';
import {Gateway} from './lib/gateway.mjs';
import {admin} from './lib/token.mjs';
import {eventually} from './lib/wait.mjs';

/** A WebSocket by hand that can stop reading. */
class LazyClient {
  #buffer = Buffer.alloc(0);
  messages = [];
  closed = false;

  static async connect(port, token) {
    const client = new LazyClient();
    client.socket = net.connect({port, host: '127.0.0.1', highWaterMark: 1024});
    client.socket.on('error', () => {});
    client.socket.on('close', () => (client.closed = true));
    client.socket.write('GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\n' +
      'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n' +
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n');
    let head = true;
    client.socket.on('data', (chunk) => {
      client.#buffer = Buffer.concat([client.#buffer, chunk]);
      const end = client.#buffer.indexOf('\r\n\r\n');
      if (head && end >= 0) {
        client.#buffer = client.#buffer.subarray(end + 4);
        head = false;
      }
      if (!head) client.#take();
    });
    await eventually(() => client.messages[0]?.startsWith('0{'), 'the open packet');
    client.send(`40${JSON.stringify({token})}`);
    await eventually(() => client.messages.some((m) => m.startsWith('42["session"')), 'session');
    return client;
  }

  #take() {
    for (;;) {
      const bytes = this.#buffer;
      if (bytes.length < 2) return;
      let size = bytes[1] & 127;
      let start = 2;
      if (size === 126) {
        if (bytes.length < 4) return;
        size = bytes.readUInt16BE(2);
        start = 4;
      } else if (size === 127) {
        if (bytes.length < 10) return;
        size = Number(bytes.readBigUInt64BE(2));
        start = 10;
      }
      if (bytes.length < start + size) return;
      this.messages.push(bytes.subarray(start, start + size).toString());
      this.#buffer = bytes.subarray(start + size);
    }
  }

  send(text) {
    const body = Buffer.from(text);
    const head = body.length < 126
      ? Buffer.from([0x81, 0x80 | body.length])
      : Buffer.from([0x81, 0xfe, body.length >> 8, body.length & 255]);
    this.socket.write(Buffer.concat([head, Buffer.alloc(4), body]));
  }

  events(name) {
    return this.messages.filter((m) => m.startsWith(`42["${name}"`))
      .map((m) => JSON.parse(m.slice(2))[1]);
  }
}

const filler = 'x'.repeat(2_000);
const position = (tracker, n) => ({
  message_type: 'tracker_location_updated',
  notification: {tracker_id: tracker, n, filler},
});

test('older positions give way to newer ones; all else is kept, in order', async () => {
  const gateway = await Gateway.start(['--threads', '1']);
  const lazy = await LazyClient.connect(gateway.port, admin());
  const healthy = await Client.connect(gateway.url, {token: admin()});
  lazy.socket.pause();
  let n = 0;
  let changes = 0;
  // Until the kernel's buffers are full and positions have been replaced a good deal.
  await eventually(async () => {
    const batch = [];
    for (let i = 0; i < 100; ++i) batch.push(position(`t${n % 20}`, n++));
    batch.push({message_type: 'tracker_status_change',
      notification: {tracker_id: 't0', n: changes++}});
    assert.equal((await gateway.post(batch)).status, 202);
    return (await gateway.metrics()).trackwire_notifications_conflated_total > 500;
  }, 'positions to be replaced');
  const last = n - 1;
  await healthy.reach('tracker_location_updated', last);
  assert.equal(healthy.numbers('tracker_location_updated').length, n, 'who reads gets all');
  lazy.socket.resume();
  await eventually(() => lazy.events('tracker_location_updated').at(-1)?.n === last,
    'the newest position');
  const got = lazy.events('tracker_location_updated').map((p) => p.n);
  assert.ok(got.length < n);
  assert.deepEqual(got, [...got].sort((a, b) => a - b));
  for (let i = n - 20; i < n; ++i) assert.ok(got.includes(i), `the newest of its tracker: ${i}`);
  assert.deepEqual(lazy.events('tracker_status_change').map((s) => s.n),
    Array.from({length: changes}, (_, i) => i));
  assert.equal(lazy.closed, false);
  lazy.socket.destroy();
  healthy.close();
  await gateway.stop();
});

test('past the hard limit the connection ends, without a word of farewell', async () => {
  const gateway = await Gateway.start(['--threads', '1', '--set', 'limits.max_backlog_bytes=200000']);
  const lazy = await LazyClient.connect(gateway.port, admin());
  const healthy = await Client.connect(gateway.url, {token: admin()});
  lazy.socket.pause();
  let n = 0;
  await eventually(async () => {
    const batch = Array.from({length: 100}, () => (
      {message_type: 'memo', notification: {n: n++, filler}}));
    assert.equal((await gateway.post(batch)).status, 202);
    return (await gateway.metrics()).trackwire_slow_disconnects_total === 1;
  }, 'the slow client to be cut off');
  await healthy.reach('memo', n - 1);
  assert.equal(healthy.numbers('memo').length, n);
  assert.equal(healthy.disconnects.length, 0);
  lazy.socket.resume();
  await eventually(() => lazy.closed, 'the end of the connection');
  assert.ok(!lazy.messages.some((m) => m.startsWith('41')));
  healthy.close();
  await gateway.stop();
});

test('a burst larger than the limits is no sign of a slow client', async () => {
  const gateway = await Gateway.start(['--threads', '1', '--set', 'limits.max_backlog_bytes=200000']);
  const client = await Client.connect(gateway.url, {token: admin()});
  const batch = Array.from({length: 400}, (_, n) => position('one', n));
  assert.equal((await gateway.post(batch)).status, 202);
  await client.reach('tracker_location_updated', 399);
  assert.deepEqual(client.numbers('tracker_location_updated'),
    Array.from({length: 400}, (_, n) => n));
  assert.equal((await gateway.metrics()).trackwire_slow_disconnects_total, 0);
  client.close();
  await gateway.stop();
});
