// What npm's server makes of odd packets, and what ours makes of them: row by row, the same unless
// the row says why not. What a row sends goes to a client of `/` on a WebSocket, as Engine.IO
// packets.

import assert from 'node:assert/strict';
import {after, before, describe, it} from 'node:test';
import {calm, isReference, useServer} from '../lib/server.mjs';
import {connect} from '../lib/socketio.mjs';
import {eventually} from '../lib/wait.mjs';

/** The server ends the connection, and this is what it calls that. */
const closes = (reason = 'forced close') => ({reason});
/** The same, but the client has to end it. */
const leaves = (reason) => ({reason, stays: true});
/** The connection goes on, and these are the packets that came back. */
const answers = (...packets) => ({packets});

const hole = (num) => `{"_placeholder":true${num}}`;
const nested = (depth) => '['.repeat(depth) + ']'.repeat(depth);
const bytes = Buffer.from([5, 6]);

const rows = {
  'CONNECT': [
    {row: 'twice', sends: ['40'], npm: closes()},
    {row: 'with a list', sends: ['40[1]'], npm: closes()},
    {row: 'with a string', sends: ['40"s"'], npm: closes()},
    {row: 'with null', sends: ['40null'], npm: closes()},
    {row: 'with broken JSON', sends: ['40{bad'], npm: closes()},
    {
      row: 'with a query, which is a part of the name', sends: ['40/custom?x=1,'],
      npm: answers('44/custom?x=1,{"message":"Invalid namespace"}'),
    },
  ],
  'A packet no client sends': [
    {row: 'CONNECT_ERROR', sends: ['44{}'], npm: closes()},
    {row: 'an unknown type', sends: ['47'], npm: closes()},
    {row: 'a letter for a type', sends: ['4abc'], npm: closes()},
    {row: 'no type', sends: ['4'], npm: closes()},
    {row: 'DISCONNECT with data', sends: ['41{}'], npm: closes()},
    {
      row: 'an event once DISCONNECT is done', sends: ['41', '42["message"]'], inTurns: true,
      npm: closes('client namespace disconnect'),
    },
  ],
  'EVENT': [
    {row: 'of an empty list', sends: ['42[]'], npm: closes()},
    {row: 'of an object', sends: ['42{}'], npm: closes()},
    {row: 'of a string', sends: ['42"s"'], npm: closes()},
    {row: 'named null', sends: ['42[null]'], npm: closes()},
    {row: 'named by an object', sends: ['42[{"a":1}]'], npm: closes()},
    {row: 'named connect', sends: ['42["connect"]'], npm: closes()},
    {row: 'named 1', sends: ['42[1,2]'], npm: answers()},
    {row: 'named error', sends: ['42["error",{}]'], npm: answers()},
    {row: 'of nothing', sends: ['42'], npm: answers()},
    {
      row: 'with a __proto__ key', sends: ['42["message",{"__proto__":{"a":1}}]'],
      npm: answers('42["message-back",{"__proto__":{"a":1}}]'),
    },
    {
      // npm's server lives through a thousand, and dies of the six thousand that ours is sent.
      row: 'of lists in lists', sends: [`42["message",${nested(isReference ? 1000 : 6000)}]`],
      npm: answers(`42["message-back",${nested(1000)}]`), ours: closes(),
      why: 'nesting has a limit, so that no depth can kill the server',
    },
    {
      row: 'of lists to the limit of nesting', sends: [`42["message",${nested(63)}]`],
      npm: answers(`42["message-back",${nested(63)}]`),
    },
    {
      row: 'of one list more than the limit', sends: [`42["message",${nested(64)}]`],
      npm: answers(`42["message-back",${nested(64)}]`), ours: closes(),
      why: 'nesting has a limit, so that no depth can kill the server',
    },
  ],
  'An ack id': [
    {row: 'with an exponent', sends: ['421e3["x"]'], npm: closes()},
    {row: 'below zero', sends: ['42-1["x"]'], npm: closes()},
    {row: 'of letters', sends: ['42abc["x"]'], npm: closes()},
    {
      row: 'beyond all numbers', sends: ['4299999999999999999999["message-with-ack","x"]'],
      npm: answers('43100000000000000000000["x"]'),
      ours: answers('4399999999999999999999["x"]'),
      why: 'an id keeps all its digits, or the answer would be to something else',
    },
  ],
  'ACK': [
    {row: 'that nobody asked for', sends: ['43999[]'], npm: answers()},
    {row: 'without an id', sends: ['43[]'], npm: answers()},
  ],
  'Attachments': [
    {row: 'none of them', sends: ['450-["message"]'], npm: closes()},
    {
      row: 'eleven of them', npm: closes(),
      sends: [`4511-["message",${Array.from({length: 11}, (_, i) => hole(`,"num":${i}`))}]`],
    },
    {row: 'without a count', sends: ['45["message"]'], npm: closes()},
    {row: 'one and a half', sends: ['451.5-["message"]'], npm: closes()},
    ...['', ',"num":-1', ',"num":5', ',"num":"splice"'].map((num) => ({
      row: `for the placeholder {${num}}`, sends: [`451-["message",${hole(num)}]`, bytes],
      npm: closes(),
    })),
    {
      row: 'for two placeholders of one number',
      sends: [`451-["message",${hole(',"num":0')},${hole(',"num":0')}]`, bytes],
      npm: answers(`452-["message-back",${hole(',"num":0')},${hole(',"num":1')}]`, bytes, bytes),
      ours: answers(`451-["message-back",${hole(',"num":0')},${hole(',"num":0')}]`, bytes),
      why: 'the bytes go back once, as they came',
    },
    {
      row: 'owed when the next packet comes', npm: closes(),
      sends: [`451-["message",${hole(',"num":0')}]`, '42["message"]'],
    },
    {row: 'unannounced', sends: [bytes], npm: closes()},
    {row: 'unannounced, in base64', sends: ['bAQID'], npm: closes()},
  ],
  'Engine.IO': [
    {row: 'an empty frame', sends: [''], npm: closes('parse error')},
    {row: 'an unknown type', sends: ['7'], npm: closes('parse error')},
    {row: 'open', sends: ['0'], npm: answers()},
    {row: 'noop', sends: ['6'], npm: answers()},
    {row: 'upgrade', sends: ['5'], npm: answers()},
    {row: 'an unsolicited pong', sends: ['3'], npm: answers()},
    {row: 'a ping, which is the wrong direction', sends: ['2'], npm: closes('transport error')},
    {
      row: 'close', sends: ['1'], npm: leaves('transport close'), ours: closes('transport close'),
      why: 'a client that does not go by itself would keep its connection for nothing',
    },
  ],
};

for (const [subject, cases] of Object.entries(rows)) {
  describe(`${subject}:`, () => {
    const server = useServer(...calm);
    let observer;
    before(async () => { observer = await connect(server.port); });
    after(() => observer.close());
    const reasons = async () => (await observer.ask(1, 'last-reasons'))[0];

    async function expectClosed(client, {reason, stays}, known) {
      if (stays) await client.close();
      else await client.closed();
      const all = await eventually(async () => {
        const list = await reasons();
        return list.length > known && list;
      }, 'the reason');
      assert.equal(all.at(-1), reason);
      assert.deepEqual(client.engine.inbox.takeAll(), []);
      client.engine.terminate();
    }

    async function expectAnswers(client, {packets}, known) {
      for (const packet of packets) assert.deepEqual(await client.engine.next(), packet);
      await client.expectAlive();
      await client.close();
      await eventually(async () => (await reasons()).length > known, 'the end to be known');
    }

    for (const {row, sends, inTurns, npm, ours, why} of cases) {
      it(why ? `${row}; npm's server differs: ${why}` : row, async () => {
        assert.equal(ours === undefined, why === undefined, 'who differs says why');
        const expected = isReference ? npm : ours ?? npm;
        const known = (await reasons()).length;
        const client = await connect(server.port);
        for (const packet of sends) {
          client.sendRaw(packet);
          if (inTurns && packet !== sends.at(-1)) await client.engine.settle();
        }
        if (expected.packets) await expectAnswers(client, expected, known);
        else await expectClosed(client, expected, known);
      });
    }
  });
}
