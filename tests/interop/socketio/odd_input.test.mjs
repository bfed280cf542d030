// What a connected client may send by mistake or malice, and what comes of it.

import assert from 'node:assert/strict';
import {describe, it} from 'node:test';
import {calm, isReference, startServer, useServer} from '../lib/server.mjs';
import {connect, openConnection} from '../lib/socketio.mjs';
import {within} from '../lib/wait.mjs';

describe('Socket.IO odd input', () => {
  const server = useServer(...calm);

  /** The server ends the connection with a close frame of its own and delivers nothing. */
  async function assertCloses(client) {
    const code = await client.closed();
    assert.notEqual(code, 1006, 'a close frame, not a cut');
    assert.deepEqual(client.engine.inbox.takeAll(), []);
  }

  const closing = [
    // Packets that no client sends now.
    '0', '0/,', '4{}', '4', '4{"message":"x"}', '7', '8', '9', 'abc', '', ' ', '-1', '\u20ac',
    // CONNECT whose auth is no object.
    '0[1]', '0"s"', '0null', '0{bad', '0/custom,[1]', '0/custom,"s"', '0/custom,{bad', '0true',
    '01',
    // DISCONNECT carries nothing.
    '1{}', '1[]', '1"x"',
    // EVENT whose payload is no event.
    '2[]', '2{}', '2"s"', '2null', '2true', '2[null]', '2[{}]', '2[{"a":1}]', '2[[]]', '2[true]',
    '2[', '2["message"', '2["message",]', '2["message"]]', '2["message",undefined]',
    '2["message",NaN]', "2['message']", '2["message",01]', '2["message","\u0001"]',
    '2["connect"]', '2["connect_error"]', '2["disconnect"]', '2["disconnecting"]',
    '2["newListener"]', '2["removeListener"]',
    // Ids that are none.
    '21e3["x"]', '2-1["x"]', '2abc["x"]', '21.5["x"]',
    // ACK whose payload is no list.
    '31{}', '31"s"', '31[',
    // Namespaces not joined.
    '2/custom,["message"]', '2/nowhere,["message"]', '31/nowhere,[]', '1/nowhere,', '3/custom,1[]',
    // Attachments that cannot be.
    '50-["x"]', '511-["x"]', '5999999999-["x"]', '51.5-["x"]', '5-["x"]', '5["x"]', '51["x"]',
    '5-1-["x"]', '60-1[]', '61["x"]', '5abc-["x"]',
  ];
  // npm's server reads this as ten attachments and waits for them.
  if (!isReference) closing.push('51e1-["x"]');
  for (const packet of closing) {
    it(`closes on ${JSON.stringify(packet)}`, async () => {
      const client = await connect(server.port);
      await client.send(packet);
      await assertCloses(client);
    });
  }

  const eleven = Array.from({length: 11}, (_, num) => ({_placeholder: true, num}));
  it('closes on more attachments than ten', async () => {
    const client = await connect(server.port);
    await client.send(`511-${JSON.stringify(['message', ...eleven])}`);
    await assertCloses(client);
  });

  const holes = [
    '', ',"num":-1', ',"num":5', ',"num":1', ',"num":"splice"', ',"num":null', ',"num":"0"',
    ',"num":1e999',
  ];
  // npm's server finds nothing at this index and delivers that.
  if (!isReference) holes.push(',"num":0.5');
  for (const num of holes) {
    it(`closes on a placeholder {${num}}`, async () => {
      const client = await connect(server.port);
      await client.send(`51-["message",{"_placeholder":true${num}}]`);
      await client.send(Buffer.from([1]));
      await assertCloses(client);
    });
  }

  it('closes on a packet while attachments are owed', async () => {
    const client = await connect(server.port);
    await client.send('51-["message",{"_placeholder":true,"num":0}]');
    await client.send('2["message","impatient"]');
    await assertCloses(client);
  });

  it('closes on bytes nobody announced', async () => {
    const client = await connect(server.port);
    await client.send(Buffer.from([1, 2, 3]));
    await assertCloses(client);
  });

  it('closes on bytes after all that were announced', async () => {
    const client = await connect(server.port);
    await client.send('51-["message",{"_placeholder":true,"num":0}]');
    await client.send(Buffer.from([1]));
    await client.send(Buffer.from([2]));
    await client.closed();
  });

  it('closes on base64 nobody announced', async () => {
    const client = await connect(server.port);
    await client.sendRaw('bAQID');
    await assertCloses(client);
  });

  for (const packet of ['7', '', '8x', 'x', '\u20ac']) {
    it(`closes on the Engine.IO packet "${packet}"`, async () => {
      const client = await connect(server.port);
      await client.sendRaw(packet);
      await assertCloses(client);
    });
  }

  for (const first of ['2["message"]', '1', '31[]', '4', '51-["x",{"_placeholder":true,"num":0}]',
    '2/custom,["message"]', 'abc']) {
    it(`closes on ${first} before any CONNECT`, async () => {
      const client = await openConnection(server.port);
      await client.send(first);
      if (first[0] === '5') await client.send(Buffer.from([1]));
      await assertCloses(client);
    });
  }

  const harmless = [
    '2[1,2]', '2[1.5]', '2["error",{}]', '2["message-nobody-knows",{"a":1}]', '3999[]',
    '3999["x",1]', '2["__proto__",{"__proto__":{"polluted":true}}]', '2["constructor"]',
    '2["toString"]',
  ];
  for (const packet of harmless) {
    it(`takes ${packet} in its stride`, async () => {
      const client = await connect(server.port);
      await client.send(packet);
      await client.expectAlive();
      await client.close();
    });
  }

  for (const packet of ['0', '5', '6', '3']) {
    it(`ignores the Engine.IO packet ${packet}`, async () => {
      const client = await connect(server.port);
      await client.sendRaw(packet);
      await client.expectAlive();
      await client.close();
    });
  }

  // npm's server takes these for an empty event, for an answer to nothing, for an id; to close is
  // as good.
  for (const packet of ['2', '3[]', '3', '31', '2 1["x"]']) {
    it(`ignores ${packet} or closes`, async () => {
      const client = await connect(server.port);
      await client.send(packet);
      await client.send('2["message","after"]');
      const next = await client.next().catch(() => 'closed');
      assert.ok(['closed', '2["message-back","after"]'].includes(next), next);
      client.engine.terminate();
    });
  }

  it('does not turn an ack id beyond all numbers into another one quietly', async () => {
    const client = await connect(server.port);
    await client.send('299999999999999999999["message-with-ack","x"]');
    const reply = await client.next().catch(() => 'closed');
    const accepted = ['closed', '399999999999999999999["x"]'];
    if (isReference) accepted.push('3100000000000000000000["x"]');
    assert.ok(accepted.includes(reply), reply);
    client.engine.terminate();
  });

  it('fills two placeholders of one number with the same bytes', async () => {
    const client = await connect(server.port);
    const hole = '{"_placeholder":true,"num":0}';
    await client.send(`51-["message",${hole},${hole}]`);
    await client.send(Buffer.from([5, 6]));

    const header = await client.next();
    const count = Number(/^5(\d+)-/.exec(header)[1]);
    const attachments = [];
    for (let i = 0; i < count; ++i) attachments.push(await client.next());
    const [name, ...holes] = JSON.parse(header.slice(header.indexOf('[')));
    assert.equal(name, 'message-back');
    assert.equal(holes.length, 2);
    for (const {num} of holes) assert.deepEqual(attachments[num], Buffer.from([5, 6]));
    await client.close();
  });

  it('keeps a __proto__ key as a plain key', async () => {
    const client = await connect(server.port);
    await client.send('2["message",{"__proto__":{"admin":true},"a":1}]');

    assert.equal(await client.next(), '2["message-back",{"__proto__":{"admin":true},"a":1}]');
    await client.close();
  });

  it('keeps keys of every kind', async () => {
    const client = await connect(server.port);
    const text = '{"":1,"a\\"b":2,"\\u0000":3,"toString":4,"\u20ac":5}';
    await client.send(`2["message",${text}]`);

    const reply = await client.next();
    assert.deepEqual(JSON.parse(reply.slice(1))[1], JSON.parse(text));
    await client.close();
  });

  it('serves everybody else all the while', async () => {
    const bystander = await connect(server.port);
    await Promise.all(closing.map(async (packet) => {
      const client = await connect(server.port);
      await client.send(packet);
      await client.closed();
    }));
    await bystander.expectAlive();
    await bystander.close();
  });
});

describe('Socket.IO nesting', () => {
  const server = useServer(...calm);
  const nested = (depth, inside = '') => '['.repeat(depth) + inside + ']'.repeat(depth);
  const objects = (depth) => '{"a":'.repeat(depth) + '1' + '}'.repeat(depth);

  it('is carried to a sensible depth', async () => {
    const client = await connect(server.port);
    for (const value of [nested(50), objects(50)]) {
      await client.send(`2["message",${value}]`);
      assert.equal(await client.next(), `2["message-back",${value}]`);
    }
    await client.close();
  });

  it('holds attachments deep inside', async () => {
    const client = await connect(server.port);
    await client.send(`51-["message",${nested(30, '{"_placeholder":true,"num":0}')}]`);
    await client.send(Buffer.from([1]));

    assert.match(await client.next(), /^51-\["message-back",\[{30}\{/);
    assert.deepEqual(await client.next(), Buffer.from([1]));
    await client.close();
  });

  // npm's server dies of the greater depths (that is what makes them worth a test), so there the
  // depth stays below.
  const depth = isReference ? 1000 : 6000;
  const attacks = {
    'lists in an event': [`2["message",${nested(depth)}]`],
    'objects in an event': [`2["message",${objects(depth)}]`],
    'lists in an acked event': [`21["message-with-ack",${nested(depth)}]`],
    'lists for everybody': [`2["broadcast","deep",${nested(depth)}]`],
    'lists that never end': [`2["message",${'['.repeat(depth)}`],
    'objects that never end': [`2["message",${'{"a":'.repeat(depth)}`],
    'lists around an attachment':
        [`51-["message",${nested(depth, '{"_placeholder":true,"num":0}')}]`, Buffer.from([1])],
    'lists in an ack': [`30[${nested(depth)}]`],
  };
  if (!isReference) {
    attacks['a hundred thousand lists'] = [`2["message",${nested(100000)}]`];
    attacks['a hundred thousand objects'] = [`2["message",${objects(100000)}]`];
  }
  for (const [name, packets] of Object.entries(attacks)) {
    it(`does not hurt the server: ${name}`, async () => {
      const attacker = await connect(server.port);
      for (const packet of packets) await attacker.send(packet);
      attacker.engine.ws.ping();
      const answered = new Promise((resolve) => attacker.engine.ws.once('pong', resolve));
      await within(Promise.race([answered, attacker.closed()]), 'an answer or the end');

      const witness = await connect(server.port);
      await witness.expectAlive();
      await witness.close();
      attacker.engine.terminate();
    });
  }

  it('does not hurt the server in an answer to a question', async () => {
    const attacker = await connect(server.port);
    await attacker.emit('ask-me', 1);
    const question = await attacker.next();
    const id = /^2(\d+)\[/.exec(question)[1];
    await attacker.send(`3${id}[${nested(depth)}]`);
    await Promise.race([attacker.next().catch(() => {}), attacker.closed()]);

    const witness = await connect(server.port);
    await witness.expectAlive();
    await witness.close();
    attacker.engine.terminate();
  });

  it('does not hurt the server in credentials', async () => {
    const attacker = await openConnection(server.port);
    await attacker.send(`0${objects(depth)}`);
    await Promise.race([attacker.next().catch(() => {}), attacker.closed()]);

    const witness = await connect(server.port);
    await witness.expectAlive();
    await witness.close();
    attacker.engine.terminate();
  });
});

describe('Socket.IO with a small payload limit', () => {
  it('keeps attachments owed within bounds', async () => {
    const server = await startServer(...calm, '--max-payload', '1000');
    try {
      const client = await connect(server.port);
      const holes = Array.from({length: 10}, (_, num) => ({_placeholder: true, num}));
      await client.send(`510-${JSON.stringify(['message', ...holes])}`);
      for (let i = 0; i < 10; ++i) await client.send(Buffer.alloc(1000, i));
      assert.match(await client.next(), /^510-/);
      for (let i = 0; i < 10; ++i) assert.deepEqual(await client.next(), Buffer.alloc(1000, i));
      await client.close();
    } finally {
      await server.stop();
    }
  });
});
