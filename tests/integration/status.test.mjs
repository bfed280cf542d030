// Each change of a tracker's status is told once and fits the one before, whatever dies when.
import assert from 'node:assert/strict';
import {join} from 'node:path';
import {test} from 'node:test';

import {Client} from './lib/client.mjs';
import {sized} from './lib/figures.mjs';
import {Gateway, temporaryDirectory} from './lib/gateway.mjs';
import {durable, RedisServer} from './lib/redis.mjs';
import {addTracker, push, trackerOf} from './lib/registry.mjs';
import {admin} from './lib/token.mjs';
import {eventually} from './lib/wait.mjs';

const kills = sized(4, 30);
const trackers = Array.from({length: 5}, (_, i) => `t${i}`);
const event = 'tracker_status_change';

/** Five minutes pass from one fix to the next: two in a row decide whether it moves. */
class Fleet {
  #fixTime = Math.floor(Date.now() / 1000) - 100_000;
  #turn = 0;
  tokens = {};

  async register(gateway) {
    for (const id of trackers) this.tokens[id] = await addTracker(gateway, {id, offline_after: 1});
  }

  /** A round of all; who is refused or finds nobody does not try again. */
  async round(gateways) {
    this.#fixTime += 300;
    const moves = this.#turn++ % 6 < 3;
    await Promise.all(trackers.map((id, i) => push(gateways[i % gateways.length],
      {lat: this.#turn / 1000, lon: i, speed: moves ? 20 : 0, timestamp: this.#fixTime,
        token: this.tokens[id]}).catch(() => {})));
  }
}

/** Fails unless the changes of each axis of each tracker make one chain that ends in `now`. */
function expectChains(changes, now) {
  for (const id of trackers) {
    for (const axis of ['connectivity', 'motion']) {
      const chain = changes.filter((change) => change.tracker_id === id && change.axis === axis);
      let status = 'unknown';
      let since = '';
      for (const change of chain) {
        assert.equal(change.previous_status, status, `${id} ${axis}: ${JSON.stringify(chain)}`);
        assert.notEqual(change.status, status);
        assert.ok(change.since > since, `${id} ${axis} goes back: ${JSON.stringify(chain)}`);
        ({status, since} = change);
      }
      assert.ok(chain.length > 1, `${id} ${axis} changed`);
      assert.equal(now[id][axis], status, `${id} ${axis} as it is stored`);
      assert.equal(now[id][`${axis}_since`], since);
    }
  }
}

async function statuses(gateway) {
  const found = {};
  for (const id of trackers) found[id] = (await trackerOf(gateway, id)).status;
  return found;
}

async function allOffline(gateway) {
  await eventually(async () => Object.values(await statuses(gateway))
    .every((status) => status.connectivity === 'offline'), 'all to be offline', 60_000);
}

const soon = (most) => new Promise((resolve) => setTimeout(resolve, Math.random() * most));

test('a gateway with its own broker is killed at any moment', async () => {
  const gateway = await Gateway.start(['--threads', '1']);
  const fleet = new Fleet();
  await fleet.register(gateway);
  const client = await Client.connect(gateway.url, {token: admin()});
  for (let kill = 0; kill < kills; ++kill) {
    let going = true;
    const rounds = (async () => {
      while (going) await fleet.round([gateway]);
    })();
    await soon(1_000);
    await gateway.kill();
    going = false;
    await rounds;
    await gateway.restart();
    if (kill % 2 === 1) await allOffline(gateway);
  }
  for (let round = 0; round < 8; ++round) await fleet.round([gateway]);
  await allOffline(gateway);
  await gateway.kill();
  await gateway.restart();
  const now = await statuses(gateway);
  await gateway.post({message_type: 'end', notification: {}});
  await client.event('end');
  expectChains(client.of(event), now);
  assert.ok(client.of(event).length > trackers.length * 4);
  client.close();
  await gateway.stop();
});

async function readLog(server) {
  const resp = await server.connect();
  const entries = [];
  for (let after = '-'; ;) {
    const part = await resp.call('XRANGE', 'socket:notification:log', after, '+', 'COUNT', 500);
    if (part.length === 0) break;
    entries.push(...part.filter(([, fields]) => fields[0] !== 'epoch'));
    after = `(${part.at(-1)[0]}`;
  }
  resp.close();
  return entries.map(([, fields]) => JSON.parse(fields[1]));
}

test('gateways on one Redis are killed by turns while the provider goes from one to the other',
  async () => {
    const server = await RedisServer.start(durable);
    const directory = await temporaryDirectory();
    const options = ['--redis', server.url, '--threads', '1',
      '--set', `database.url=sqlite://${join(directory, 'shared.db')}`];
    const gateways = [await Gateway.start(options), await Gateway.start(options)];
    const fleet = new Fleet();
    await fleet.register(gateways[0]);
    for (let kill = 0; kill < kills; ++kill) {
      let going = true;
      const rounds = (async () => {
        while (going) await fleet.round(gateways);
      })();
      await soon(1_500);
      await gateways[kill % 2].kill();
      await soon(1_500);
      going = false;
      await rounds;
      await gateways[kill % 2].restart();
      if (kill % 2 === 1) await allOffline(gateways[kill % 2]);
    }
    for (let round = 0; round < 8; ++round) await fleet.round(gateways);
    await allOffline(gateways[0]);
    await eventually(async () => JSON.stringify(await statuses(gateways[0])) ===
      JSON.stringify(await statuses(gateways[1])), 'both gateways to agree');
    for (const gateway of gateways) await gateway.kill();
    await gateways[0].restart();
    const changes = (await readLog(server)).filter((envelope) => envelope.message_type === event)
      .map((envelope) => envelope.notification);
    expectChains(changes, await statuses(gateways[0]));
    for (const gateway of gateways) await gateway.stop();
    await server.stop();
  });
