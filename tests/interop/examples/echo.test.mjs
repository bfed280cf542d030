// examples/echo with official clients.

import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';
import {ask, collect, connected, newClient, once, versions, ways} from '../lib/clients.mjs';
import {startExample} from '../lib/server.mjs';

let server;
before(async () => {
  server = await startExample('echo', '0');
});
after(() => server.stop());

for (const [version, io] of Object.entries(versions)) {
  for (const [way, options] of Object.entries(ways)) {
    test(`${version} over ${way} gets back what it sends`, async () => {
      const client = await connected(newClient(server.port, options, io));
      const echoes = collect(client, 'echo');
      client.emit('echo', 'text', {deep: [1, null]}, Buffer.from([0, 255]));
      assert.deepEqual(await echoes.next(), ['text', {deep: [1, null]}, Buffer.from([0, 255])]);
      assert.deepEqual(await ask(client, 'echo', [], 'two'), [[], 'two']);
      assert.deepEqual(await ask(client, 'add', 0.5, 2), [2.5]);
      client.close();
    });
  }
}

test('what is no number is not added, and the connection lives on', async () => {
  const client = await connected(newClient(server.port));
  let answered = false;
  client.emit('add', 'one', 2, () => (answered = true));
  assert.deepEqual(await ask(client, 'add', 1, 2), [3]);
  assert.equal(answered, false);
  client.close();
});

test('a port that is no port is an error', async () => {
  await assert.rejects(startExample('echo', 'seven'), /exit 2/);
});

test('it tells its clients when it ends', async () => {
  const other = await startExample('echo', '0');
  // Who polls may be between two requests just then, and find nobody.
  const options = {transports: ['websocket'], reconnection: false};
  const client = await connected(newClient(other.port, options));
  const gone = once(client, 'disconnect');
  await other.stop();
  assert.equal((await gone)[0], 'transport close');
});
