// Exact delivery by one gateway with the embedded broker: hundreds of clients, deaths of the
// gateway, clients cut off.
import assert from 'node:assert/strict';
import {test} from 'node:test';

import {Book} from './lib/book.mjs';
import {ExactClients, expectExact} from './lib/exact.mjs';
import {print, sized} from './lib/figures.mjs';
import {Fleet} from './lib/fleet.mjs';
import {Gate, HttpWay, lastWords, Mix, Publisher} from './lib/publishers.mjs';
import {eventually} from './lib/wait.mjs';

const size = {clients: sized(300, 2000), notifications: sized(4000, 20_000)};
const trackers = 21;

async function scene() {
  const fleet = await Fleet.start(1);
  const book = new Book({contents: 2 * size.notifications, trackers});
  const clients = await ExactClients.start(
    {ports: fleet.ports, clients: size.clients, contents: book.contents, trackers});
  const publisher = new Publisher({
    way: new HttpWay(fleet, book),
    mix: new Mix(book, 'http', Array.from({length: trackers - 1}, (_, i) => i)),
    gate: new Gate(book, clients),
    count: size.notifications,
  });
  const finish = async () => {
    await publisher.done;
    const report = await expectExact(clients, book, await lastWords(fleet, book, trackers - 1));
    await clients.stop();
    await fleet.stop();
    return report;
  };
  return {fleet, book, clients, finish};
}

test('each client gets each notification once, also when the gateway is killed', async () => {
  const {fleet, book, clients, finish} = await scene();
  const kills = 3;
  for (let kill = 1; kill <= kills; ++kill) {
    const enough = (kill * size.notifications) / (kills + 1);
    await eventually(() => book.published >= enough, 'notifications to be published');
    await fleet.kill(0);
    await fleet.restart(0);
    await clients.joined();
  }
  const report = await finish();
  assert.ok(report.resumed >= kills * size.clients * 0.9, JSON.stringify(report));
  print('exact', {...size, kills, ...report});
});

test('who was cut off gets what was missed', async () => {
  const {book, clients, finish} = await scene();
  for (let cut = 1; cut <= 3; ++cut) {
    const enough = (cut * size.notifications) / 4;
    await eventually(() => book.published >= enough, 'notifications to be published');
    clients.cut(0, size.clients / 2, 300);
    await eventually(() => clients.progress.joined < size.clients, 'the cut');
    await clients.joined();
  }
  const report = await finish();
  assert.equal(report.losses['cut by the test'], report.resumed);
  print('exact-cut', {...size, ...report});
});
