// What was accepted survives the sudden death of the server, and reaches each client once.
import assert from 'node:assert/strict';
import {test} from 'node:test';

import {Client} from './lib/client.mjs';
import {Gateway} from './lib/gateway.mjs';
import {eventually} from './lib/wait.mjs';

const kills = 5;

/** Posts numbered events without a pause; remembers which were accepted. */
class Publisher {
  accepted = new Set();
  unknown = new Set();
  #next = 0;
  #going = true;

  constructor(gateway) {
    this.gateway = gateway;
    this.done = this.#run();
  }

  async #run() {
    while (this.#going) {
      const numbers = Array.from({length: 1 + (this.#next % 7)}, () => this.#next++);
      try {
        await this.gateway.say('news', ...numbers);
        numbers.forEach((n) => this.accepted.add(n));
      } catch {
        // No answer came: these may have been stored or not, but not twice.
        numbers.forEach((n) => this.unknown.add(n));
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    }
  }

  async stop() {
    this.#going = false;
    await this.done;
  }
}

/** Fails unless `numbers` rise, hold every accepted one and none that nobody posted. */
function expectExactly(numbers, publisher, who) {
  for (let i = 1; i < numbers.length; ++i) {
    assert.ok(numbers[i] > numbers[i - 1], `${who}: ${numbers[i]} came after ${numbers[i - 1]}`);
  }
  const got = new Set(numbers);
  for (const n of publisher.accepted) assert.ok(got.has(n), `${who} lacks ${n}`);
  for (const n of got) assert.ok(publisher.accepted.has(n) || publisher.unknown.has(n));
}

for (const threads of ['1', '2']) {
  test(`kill -9 loses nothing and doubles nothing, ${threads} shards`, async () => {
    const gateway = await Gateway.start(['--threads', threads], {
      TRACKWIRE_VISIBILITY_PUBLIC_EVENTS: 'news,last',
    });
    const ways = [['websocket'], ['websocket'], ['polling'], ['polling', 'websocket']];
    const clients = [];
    for (const transports of ways) {
      clients.push(await Client.connect(gateway.url, {transports}));
    }
    const publisher = new Publisher(gateway);
    for (let kill = 1; kill <= kills; ++kill) {
      const before = publisher.accepted.size;
      await eventually(() => publisher.accepted.size > before + 100, 'notifications accepted');
      await gateway.kill();
      await gateway.restart();
      for (const client of clients) {
        const session = await client.event('session', kill + 1);
        assert.equal(session.recovered, true, `after kill ${kill}`);
      }
    }
    await publisher.stop();
    await gateway.say('last', 0);
    for (const client of clients) await client.reach('last', 0);
    for (const [i, client] of clients.entries()) {
      expectExactly(client.numbers('news'), publisher, `client ${i} by ${ways[i]}`);
      assert.equal(client.disconnects.length, kills);
      client.close();
    }
    assert.ok(publisher.accepted.size > kills * 100);
    await gateway.stop();
  });
}

test('an id accepted before the death is known after it', async () => {
  const gateway = await Gateway.start();
  const envelope = {message_type: 'x', notification: {}, id: 'once'};
  const first = await gateway.post(envelope);
  await gateway.kill();
  await gateway.restart();
  const second = await gateway.post(envelope);
  assert.equal(second.body.results[0].offset, first.body.results[0].offset);
  assert.equal(second.body.results[0].duplicate, true);
  await gateway.stop();
});
