// Two hundred official clients at once: not a benchmark, only that nothing is lost in a crowd.

import assert from 'node:assert/strict';
import {before, describe, it} from 'node:test';
import {setTimeout as pause} from 'node:timers/promises';
import {ask, collect, connected, newClient, once, upgraded, ways} from '../lib/clients.mjs';
import {useServer} from '../lib/server.mjs';
import {eventually} from '../lib/wait.mjs';

const size = 200;
const messages = 20;
const mixtures = {
  websocket: () => ways.websocket,
  mixed: (i) => [ways.websocket, ways.polling, ways.upgrade][i % 3],
};

for (const [name, way] of Object.entries(mixtures)) {
  describe(`Two hundred clients, ${name}`, () => {
    const server = useServer(
        '--ping-interval-ms', '5000', '--ping-timeout-ms', '30000', '--connect-timeout-ms',
        '60000');

    let openAtFirst;
    before(() => {
      openAtFirst = server.server.openFiles;
    });

    it('are all served, each in its order, and all hear a broadcast', {timeout: 110000},
       async () => {
         const clients = Array.from({length: size}, (_, i) => newClient(
             server.port, {...way(i), timeout: 60000, reconnection: false}));
         try {
           await Promise.all(clients.map((client) => connected(client, 60000)));
           assert.equal(new Set(clients.map(({id}) => id)).size, size);

           await Promise.all(clients.map(async (client, i) => {
             const answers = [];
             for (let n = 0; n < messages; ++n) {
               answers.push(ask(client, 'message-with-ack', i, n));
             }
             assert.deepEqual(
                 await Promise.all(answers), Array.from({length: messages}, (_, n) => [i, n]));
           }));

           const heard = clients.map((client) => collect(client, 'news'));
           for (let n = 0; n < messages; ++n) clients[0].emit('broadcast', 'news', n);
           await Promise.all(heard.map(async (inbox) => {
             for (let n = 0; n < messages; ++n) assert.deepEqual(await inbox.next(), [n]);
           }));
           assert.ok(heard.every((inbox) => inbox.size === 0));
         } finally {
           for (const client of clients) client.disconnect();
         }
       });

    it('leave nothing behind', async () => {
      const {server: process} = server;
      await eventually(() => process.openFiles < openAtFirst + 20, 'their sockets to be closed');
      const client = await connected(newClient(server.port));
      assert.deepEqual(await ask(client, 'message-with-ack', 'x'), ['x']);
      client.disconnect();
    });
  });
}

describe('A storm of events', () => {
  const server = useServer(
      '--ping-interval-ms', '5000', '--ping-timeout-ms', '30000', '--connect-timeout-ms', '60000');

  it('does not confuse those who upgrade in its midst', {timeout: 110000}, async () => {
    const total = 600;
    const publisher = await connected(newClient(server.port, ways.websocket));
    const clients = Array.from({length: 12}, () => newClient(server.port, ways.upgrade));
    const heard = clients.map((client) => collect(client, 'n'));
    try {
      // Whoever has come in hears everything from then on, on whichever transport it is by then.
      const firsts = clients.map((client, i) => once(client, 'auth').then(() => heard[i].next()));
      let sent = 0;
      while (sent < total) {
        for (let i = 0; i < 10; ++i) publisher.emit('broadcast', 'n', sent++);
        await ask(publisher, 'message-with-ack');
        await Promise.race([Promise.all(firsts), pause(2)]);
      }
      await Promise.all(clients.map((client) => upgraded(client)));
      for (const [i, first] of firsts.entries()) {
        let [expected] = await first;
        while (++expected < total) assert.deepEqual(await heard[i].next(), [expected]);
        assert.equal(heard[i].size, 0);
      }
    } finally {
      for (const client of [publisher, ...clients]) client.disconnect();
    }
  });
});
