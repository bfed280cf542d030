// The tests of exact delivery would see a single notification that goes wrong.
import assert from 'node:assert/strict';
import {test} from 'node:test';

import {BadLine} from './lib/bad-line.mjs';
import {Book} from './lib/book.mjs';
import {ExactClients, expectExact} from './lib/exact.mjs';
import {Fleet} from './lib/fleet.mjs';
import {Gate, HttpWay, lastWords, Mix, Publisher} from './lib/publishers.mjs';

const altered = (frame) => {
  const copy = Buffer.from(frame);
  copy[copy.indexOf('moving')] = 0x4d;
  return copy;
};

const mistakes = {
  missing: (one, next) => [next],
  doubled: (one, next) => [one, one, next],
  backwards: (one, next) => [next, one],
  altered: (one, next) => [altered(one), next],
};

for (const [name, mistake] of Object.entries(mistakes)) {
  test(`one notification that is ${name} is seen`, async () => {
    const fleet = await Fleet.start(1);
    const line = await BadLine.to(fleet.gateways[0].port, 3333, mistake);
    const book = new Book({contents: 1000, trackers: 6});
    const clients = await ExactClients.start(
      {ports: [line.port], clients: 20, contents: book.contents, trackers: book.trackers});
    const publisher = new Publisher({way: new HttpWay(fleet, book), count: 500,
      mix: new Mix(book, 'http', [0, 1, 2, 3, 4]), gate: new Gate(book, clients)});
    await publisher.done;
    const lasts = await lastWords(fleet, book, 5);
    await assert.rejects(expectExact(clients, book, lasts), /not exact/);
    const report = await clients.report(book.expectations());
    assert.ok(report.faults[name] > 0, JSON.stringify(report));
    // Of two versions of the bytes the one that came first counts as right.
    assert.ok(name === 'altered' || report.faulty_clients === 1, JSON.stringify(report));
    assert.equal(report.entries, 501);
    await clients.stop();
    await line.close();
    await fleet.stop();
  });
}
