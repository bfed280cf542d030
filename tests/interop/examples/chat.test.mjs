// examples/chat with official clients: what its page relies on.

import assert from 'node:assert/strict';
import {after, afterEach, before, test} from 'node:test';
import {ask, collect, connected, newClient, once} from '../lib/clients.mjs';
import {request} from '../lib/http.mjs';
import {startExample} from '../lib/server.mjs';
import {eventually} from '../lib/wait.mjs';

let server;
const clients = [];
before(async () => {
  server = await startExample('chat', '0');
});
after(() => server.stop());
afterEach(() => clients.splice(0).forEach((client) => client.close()));

async function newPerson() {
  const client = newClient(server.port);
  clients.push(client);
  return connected(client);
}

/** A client in a room, with all that it hears there; behind the arguments comes an offset. */
async function join(name, room) {
  const client = await newPerson();
  const person = {client, name, heard: {}};
  for (const event of ['message', 'private', 'people', 'joined', 'left', 'typing']) {
    person.heard[event] = collect(client, event);
  }
  // The server may not know yet that somebody of this name has left with the test before.
  const view = await eventually(async () => (await ask(client, 'join', name, room))[1], 'the room');
  for (const inbox of Object.values(person.heard)) inbox.takeAll();
  return Object.assign(person, view);
}

test('serves its page and the client', async () => {
  const page = await request(server.port, '/');
  assert.equal(page.status, 200);
  assert.match(page.headers['content-type'], /^text\/html/);
  const linked = [...page.text.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(([, path]) => path);
  assert.ok(linked.includes('/socket.io/socket.io.min.js'), linked.join(' '));
  for (const path of linked) assert.equal((await request(server.port, path)).status, 200, path);
  assert.equal((await request(server.port, '/secret')).status, 404);
});

test('people in a room hear each other, people elsewhere do not', async () => {
  const ada = await join('ada', 'hearing');
  const bob = await join('bob', 'hearing');
  const eve = await join('eve', 'elsewhere');
  assert.deepEqual(bob.people, ['ada', 'bob']);
  assert.equal((await ada.heard.joined.next())[0], 'bob');

  assert.deepEqual(await ask(ada.client, 'message', 'hello <b>'), [null]);
  const [message] = await bob.heard.message.next();
  assert.equal(message.from, 'ada');
  assert.equal(message.text, 'hello <b>');
  assert.ok(Math.abs(message.at - Date.now()) < 60_000);
  assert.deepEqual((await ada.heard.message.next())[0], message);

  ada.client.emit('typing', true);
  assert.deepEqual(await bob.heard.typing.next(), ['ada', true]);
  await ask(eve.client, 'message', 'all alone');
  assert.equal(eve.heard.message.takeAll().length, 1);
});

test('who comes later sees what was said', async () => {
  const ada = await join('ada', 'history');
  for (let i = 0; i < 103; ++i) await ask(ada.client, 'message', `line ${i}`);
  const bob = await join('bob', 'history');
  assert.equal(bob.history.length, 100);
  assert.equal(bob.history[0].text, 'line 3');
  assert.equal(bob.history[99].text, 'line 102');
});

test('private messages reach two people only', async () => {
  const [ada, bob, eve] = [await join('ada', 'r'), await join('bob', 'r'), await join('eve', 'r')];
  assert.deepEqual(await ask(ada.client, 'private', 'bob', 'psst'), [null]);
  const [message, to] = await bob.heard.private.next();
  assert.deepEqual([message.from, message.text, to], ['ada', 'psst', 'bob']);
  assert.deepEqual((await ada.heard.private.next())[0], message);
  await ask(eve.client, 'message', 'something after it');
  assert.equal(eve.heard.private.size, 0);
  assert.deepEqual(await ask(ada.client, 'private', 'zoe', 'psst'), ['zoe is not here any more.']);
});

test('a name is one person\'s until they leave', async () => {
  const ada = await join('ada', 'names');
  const other = await newPerson();
  assert.deepEqual(await ask(other, 'join', 'ada', 'names'), ['Somebody is here by this name.']);
  const bob = await join('bob', 'names');
  ada.client.close();
  assert.equal((await bob.heard.left.next())[0], 'ada');
  assert.equal((await ask(other, 'join', 'ada', 'names'))[0], null);
});

test('bad input is answered', async () => {
  const client = await newPerson();
  assert.deepEqual(await ask(client, 'message', 'hi'), ['Join a room first.']);
  for (const name of ['', ' x', 'x'.repeat(25), 'a\nb']) {
    assert.equal((await ask(client, 'join', name, 'r'))[0], 'A name has 1 to 24 letters.');
    assert.equal((await ask(client, 'join', 'nobody', name))[0], 'A room\'s name has 1 to 24 letters.');
  }
  assert.equal((await ask(client, 'join', 'somebody else', 'r'))[0], null);
  assert.deepEqual(await ask(client, 'message', ''), ['Nothing was said.']);
  assert.deepEqual(await ask(client, 'message', 'x'.repeat(2001)), ['That is too long.']);
});

test('who comes back after a break has missed nothing', async () => {
  const ada = await join('ada', 'breaks');
  const bob = await join('bob', 'breaks');
  await ask(bob.client, 'message', 'before');
  await ada.heard.message.next();

  const back = once(ada.client, 'connect');
  ada.client.io.engine.close();
  assert.equal((await bob.heard.left.next())[0], 'ada');
  await ask(bob.client, 'message', 'meanwhile');
  await back;
  assert.equal(ada.client.recovered, true);
  assert.equal((await ada.heard.message.next())[0].text, 'meanwhile');
  assert.deepEqual(await ask(ada.client, 'message', 'again'), [null]);
});
