// Administrators see and end connections; nobody else does.

import assert from 'node:assert/strict';
import {once} from 'node:events';
import {after, before, describe, it} from 'node:test';
import {io} from 'socket.io-client';
import {Gateway} from '../../integration/lib/gateway.mjs';
import {admin, member, token} from '../../integration/lib/token.mjs';
import {eventually, within} from '../lib/wait.mjs';

describe('sessions', () => {
  let gateway;
  const sockets = [];
  before(async () => {
    gateway = await Gateway.start(['--threads', '2']);
  });
  after(async () => {
    for (const socket of sockets) socket.disconnect();
    await gateway.stop();
  });

  async function ask(query, variables, as = admin()) {
    const response = await fetch(`${gateway.url}/graphql`, {
      method: 'POST',
      headers: {'content-type': 'application/json', ...(as && {authorization: `Bearer ${as}`})},
      body: JSON.stringify({query, variables}),
    });
    return response.json();
  }

  async function connect(auth = {}) {
    const socket = io(gateway.url,
      {transports: ['websocket'], forceNew: true, reconnection: false, auth});
    sockets.push(socket);
    await within(once(socket, 'connect'), 'the connection');
    return socket;
  }

  const list = `query ($first: Int! = 50, $after: String) {
    sessions(first: $first, after: $after) {
      edges { cursor node { id user roles clients address transport gateway connectedAt away } }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }`;
  const listed = async (variables) => {
    const {data, errors} = await ask(list, variables);
    assert.equal(errors, undefined, JSON.stringify(errors));
    return data.sessions;
  };
  /** All, once there are that many. */
  const nodes = (count) => eventually(async () => {
    const all = (await listed()).edges.map(({node}) => node);
    return all.length === count && all;
  }, `${count} sessions`);

  it('are listed with who and whence', async () => {
    await connect({token: member('acme')});
    await connect();
    const all = await nodes(2);
    const [bob] = all.filter(({user}) => user === 'user of acme');
    assert.deepEqual(bob.clients, ['acme']);
    assert.deepEqual(bob.roles, ['user']);
    assert.equal(bob.address, '127.0.0.1');
    assert.equal(bob.transport, 'websocket');
    assert.equal(bob.away, false);
    assert.ok(bob.gateway.length > 0);
    assert.ok(Math.abs(new Date(bob.connectedAt) - Date.now()) < 60_000);
    assert.equal(all.find(({id}) => id !== bob.id).user, null);
  });

  it('come in pages', async () => {
    await connect();
    const all = (await nodes(3)).map(({id}) => id);
    assert.deepEqual(all, [...all].sort());
    const seen = [];
    let after;
    for (let page = 0; page < 10; ++page) {
      const {edges, pageInfo} = await listed({first: 1, after});
      seen.push(...edges.map(({node}) => node.id));
      assert.equal(pageInfo.hasPreviousPage, page > 0);
      if (!pageInfo.hasNextPage) break;
      after = pageInfo.endCursor;
    }
    assert.deepEqual(seen, all);
  });

  const end = 'mutation ($sid: ID!, $revoke: Boolean! = false) ' +
    '{ endSession(sid: $sid, revoke: $revoke) { sid revoked } }';

  it('are ended, their tokens too if that is wished', async () => {
    const before = (await nodes(3)).map(({id}) => id);
    const own = token({sub: 'leaver', jti: 'to be revoked'});
    const socket = await connect({token: own});
    const {id} = (await nodes(4)).find((node) => !before.includes(node.id));
    const gone = once(socket, 'disconnect');
    const {data, errors} = await ask(end, {sid: id, revoke: true});
    assert.equal(errors, undefined, JSON.stringify(errors));
    assert.deepEqual(data.endSession, {sid: id, revoked: true});
    await within(gone, 'the end');
    await nodes(3);
    // What the token says counts no more.
    const me = await ask('{ me { authenticated } }', {}, own);
    assert.equal(me.data.me.authenticated, false);
    assert.match(gateway.log, /session\.end/);
  });

  it('that are not there cannot be ended', async () => {
    const {data, errors} = await ask(end, {sid: 'nobody'});
    assert.equal(data.endSession, null);
    assert.equal(errors[0].extensions.code, 'not_found');
  });

  it('are not for others', async () => {
    for (const [as, code] of [[undefined, 'unauthorized'], [member('acme'), 'forbidden']]) {
      for (const [query, variables] of [[list], [end, {sid: 'x'}]]) {
        const {errors} = await ask(query, variables, as ?? '');
        assert.equal(errors[0].extensions.code, code);
      }
    }
  });
});

describe('the limits', () => {
  let gateway;
  before(async () => {
    gateway = await Gateway.start(['--set', 'graphql.max_depth=3', '--set', 'graphql.max_cost=20',
      '--set', 'graphql.introspection=false', '--set', 'graphql.max_bytes=1000']);
  });
  after(() => gateway.stop());

  const post = (body, headers = {}) => fetch(`${gateway.url}/graphql`, {
    method: 'POST', headers: {'content-type': 'application/json', ...headers}, body,
  });
  const code = async (query) => {
    const {errors} = await (await post(JSON.stringify({query}))).json();
    return errors?.[0].extensions.code;
  };

  it('are those of the configuration', async () => {
    assert.equal(await code('{ me { user } }'), undefined);
    assert.equal(await code('{ sessions { edges { node { id } } } }'), 'query_too_deep');
    assert.equal(await code('{ sessions { nodes { id } } }'), 'query_too_costly');
    assert.equal(await code('{ __schema { types { name } } }'), 'introspection_off');
    assert.equal((await post(' '.repeat(1_001))).status, 413);
  });

  it('let requests be counted', async () => {
    const metrics = await gateway.metrics();
    assert.ok(metrics['trackwire_graphql_requests_total{outcome="executed"}'] >= 1);
    assert.ok(metrics['trackwire_graphql_requests_total{outcome="refused"}'] >= 3);
  });

  it('may take the whole route away', async () => {
    const without = await Gateway.start(['--set', 'graphql.enabled=false']);
    const response = await fetch(`${without.url}/graphql?query={__typename}`);
    assert.equal(response.status, 404);
    await without.stop();
  });
});
