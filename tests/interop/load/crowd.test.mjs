// Two hundred official clients at once: not a benchmark, only that nothing is lost in a crowd.

import assert from 'node:assert/strict';
import {describe, it} from 'node:test';
import {ask, collect, connected, newClient, ways} from '../lib/clients.mjs';
import {useServer} from '../lib/server.mjs';

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

    it('leave nothing behind that would hurt the next', async () => {
      const client = await connected(newClient(server.port));
      assert.deepEqual(await ask(client, 'message-with-ack', 'x'), ['x']);
      client.disconnect();
    });
  });
}
