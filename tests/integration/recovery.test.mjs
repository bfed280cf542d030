import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';

import {Client} from './lib/client.mjs';
import {Gateway} from './lib/gateway.mjs';
import {Proxy} from './lib/proxy.mjs';
import {member} from './lib/token.mjs';
import {eventually} from './lib/wait.mjs';

let gateway;
let proxy;
before(async () => {
  gateway = await Gateway.start(['--threads', '2'], {TRACKWIRE_VISIBILITY_PUBLIC_EVENTS: 'news'});
  proxy = await Proxy.to(gateway.port);
});
after(async () => {
  await proxy.close();
  await gateway.stop();
});

for (const transports of [['websocket'], ['polling'], ['polling', 'websocket']]) {
  test(`a client that was cut off gets what it missed, once, by ${transports}`, async () => {
    const client = await Client.connect(proxy.url, {transports});
    await gateway.say('news', 1, 2);
    await client.reach('news', 2);
    const sid = client.socket.id;
    for (let round = 1; round <= 5; ++round) {
      proxy.cut();
      await eventually(() => client.disconnects.length === round, 'the cut to be seen');
      await gateway.say('news', round * 10, round * 10 + 1);
      proxy.mend();
      await client.event('session', round + 1);
      assert.equal(client.socket.recovered, true);
      assert.equal(client.socket.id, sid);
      await gateway.say('news', round * 10 + 2);
      await client.reach('news', round * 10 + 2);
    }
    assert.deepEqual(client.numbers('news'),
      [1, 2, 10, 11, 12, 20, 21, 22, 30, 31, 32, 40, 41, 42, 50, 51, 52]);
    assert.deepEqual(client.of('session').map((session) => session.replayed), [0, 2, 2, 2, 2, 2]);
    client.close();
  });
}

test('the session event follows what was missed and carries the place it is true at', async () => {
  const client = await Client.connect(proxy.url);
  proxy.cut();
  await eventually(() => client.disconnects.length === 1, 'the cut to be seen');
  const [offset] = await gateway.say('news', 7);
  proxy.mend();
  await client.event('session', 2);
  const names = client.events.map((event) => event.name);
  assert.deepEqual(names, ['session', 'news', 'session']);
  assert.equal(client.events[1].args.at(-1), offset);
  assert.equal(client.events[2].args.at(-1), offset);
  client.close();
});

test('clients that do not take part get no offset', async () => {
  const cases = [
    {query: {recovery: '0'}},
    {auth: {recovery: false}},
    {extraHeaders: {'user-agent': 'Python/3.11 aiohttp/3.8.4'}},
    {extraHeaders: {'user-agent': 'python-requests/2.28.1'}},
    // Python's websocket-client: no user agent, but an origin.
    {extraHeaders: {origin: gateway.url}},
  ];
  for (const options of cases) {
    const client = await Client.connect(gateway.url, options);
    const seen = client.events.length;
    await gateway.say('news', 1);
    await client.reach('news', 1);
    assert.deepEqual(client.events[0].args.length, 1, JSON.stringify(options));
    assert.deepEqual(client.events[seen].args, [{n: 1}], JSON.stringify(options));
    client.close();
  }
});

test('somebody else does not get the session of another', async () => {
  const alice = await Client.connect(proxy.url, {token: member('acme')});
  const identity = {pid: alice.socket._pid, offset: alice.socket._lastOffset};
  proxy.cut();
  alice.close();
  proxy.mend();
  const thief = await Client.connect(gateway.url,
    {auth: {...identity, token: member('other')}});
  assert.equal(thief.of('session')[0].recovered, false);
  assert.notEqual(thief.socket._pid, identity.pid);
  thief.close();
});

test('an offset of another log resumes nothing and says so', async () => {
  const other = await Gateway.start([], {TRACKWIRE_VISIBILITY_PUBLIC_EVENTS: 'news'});
  const client = await Client.connect(other.url);
  const {_pid: pid, _lastOffset: offset} = client.socket;
  client.close();
  await other.stop();
  const stranger = await Client.connect(gateway.url, {auth: {pid, offset}});
  assert.equal(stranger.of('session')[0].recovered, false);
  stranger.close();
});

test('switched off, nothing is recovered and no offset is sent', async () => {
  const plain = await Gateway.start([], {
    TRACKWIRE_VISIBILITY_PUBLIC_EVENTS: 'news',
    TRACKWIRE_RECOVERY_ENABLED: 'false',
  });
  const client = await Client.connect(plain.url);
  await plain.say('news', 1);
  await client.reach('news', 1);
  assert.deepEqual(client.events.at(-1).args, [{n: 1}]);
  client.close();
  await plain.stop();
});
