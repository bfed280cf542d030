// Who may ask for what: anonymous visitors, people of two clients, administrators, and every field.

import assert from 'node:assert/strict';
import {after, before, describe, it} from 'node:test';

import {Gateway} from './lib/gateway.mjs';
import {codesOf, dataOf, graphql} from './lib/graphql.mjs';
import {admin, member} from './lib/token.mjs';
import {addUser, tokenOf} from './lib/users.mjs';
import {eventually} from './lib/wait.mjs';

const hour = 3_600_000;
const start = Date.now() - hour;

let gateway;
const people = {anonymous: undefined, acme: member('acme'), bolt: member('bolt'), admin: admin()};

const asAdmin = (query, variables) => dataOf(gateway, query, {as: people.admin, variables});

/** A tracker that has pushed two positions. */
async function makeTracker(input, places) {
  await asAdmin('mutation ($input: CreateTrackerInput!) { createTracker(input: $input) { id } }',
    {input});
  const {issueIngestToken: {token}} = await asAdmin(
    'mutation ($id: ID!) { issueIngestToken(trackerId: $id) { token } }', {id: input.id});
  for (const [index, [lat, lon]] of places.entries()) {
    const form = new URLSearchParams({id: input.id, lat, lon, token, batt: 71,
      timestamp: Math.floor(start / 1000) + 60 * index});
    await eventually(async () => {
      const response = await fetch(`${gateway.url}/api/ingest/osmand?${form}`);
      return response.status === 200;
    }, `${input.id} to be heard`);
  }
  await eventually(async () => {
    const {tracker} = await asAdmin(
      'query ($id: ID!) { tracker(id: $id) { position { latitude } } }', {id: input.id});
    return tracker?.position?.latitude === places.at(-1)[0];
  }, `the place of ${input.id}`);
}

before(async () => {
  gateway = await Gateway.start(['--threads', '2']);
  for (const id of ['acme', 'bolt', 'none']) {
    await asAdmin(
      'mutation ($id: ID!) { createClient(input: {id: $id, name: "The client"}) { id } }', {id});
  }
  await makeTracker({id: 'a1', clientId: 'acme', name: 'Ann'}, [[1, 2], [3, 4]]);
  await makeTracker({id: 'b1', clientId: 'bolt', name: 'Bob'}, [[5, 6], [7, 8]]);
  await makeTracker({id: 'b2', clientId: 'bolt', name: 'Open', public: true}, [[9, 10], [11, 12]]);
  await makeTracker({id: '7', idIsInteger: true, name: 'Nobody\'s'}, [[13, 14], [15, 16]]);
});
after(() => gateway.stop());

const seen = {
  anonymous: ['b2'], acme: ['a1', 'b2'], bolt: ['b1', 'b2'], admin: ['a1', 'b1', 'b2', '7'],
};
const knownClients = {
  anonymous: ['bolt'], acme: ['acme', 'bolt'], bolt: ['bolt'], admin: ['acme', 'bolt', 'none'],
};
const all = ['a1', 'b1', 'b2', '7'];

describe('of trackers', () => {
  for (const [who, ids] of Object.entries(seen)) {
    const ask = (query, variables) => dataOf(gateway, query, {as: people[who], variables});

    it(`${who} sees ${ids}, as in the snapshot`, async () => {
      const {trackers: {nodes}} = await ask(`{ trackers { nodes {
        id idIsInteger name client { id } attributes position { latitude longitude batteryLevel source fixTime }
        connectivity motion } } }`);
      const {body} = await gateway.get('/api/trackers',
        people[who] ? {authorization: `Bearer ${people[who]}`} : {});
      const shown = body.trackers.map((tracker) => ({
        id: `${tracker.id}`,
        idIsInteger: typeof tracker.id === 'number',
        name: tracker.name,
        client: tracker.client_id ? {id: tracker.client_id} : null,
        attributes: tracker.attributes ?? null,
        position: {
          latitude: tracker.position.latitude,
          longitude: tracker.position.longitude,
          batteryLevel: tracker.position.battery_level ?? null,
          source: tracker.position.source ?? null,
          fixTime: tracker.position.fix_time,
        },
        connectivity: tracker.status.connectivity.toUpperCase(),
        motion: tracker.status.motion.toUpperCase(),
      }));
      assert.deepEqual(nodes, shown);
      assert.deepEqual(nodes.map(({id}) => id), ids);
      // What is hidden from anonymous visitors is so here, too.
      assert.equal(nodes[0].position.batteryLevel, who === 'anonymous' ? null : 71);
    });

    it(`${who} finds them one by one, and no others`, async () => {
      for (const id of all) {
        const may = ids.includes(id);
        const {tracker} = await ask('query ($id: ID!) { tracker(id: $id) { id } }', {id});
        assert.deepEqual(tracker, may ? {id} : null);
        const {data, errors = []} = await graphql(gateway,
          'query ($id: ID!) { positions(trackerId: $id) { nodes { latitude } } }',
          {as: people[who], variables: {id}});
        assert.equal(data.positions?.nodes.length ?? 0, may ? 2 : 0);
        assert.deepEqual(errors.map((error) => error.extensions.code), may ? [] : ['unknown_tracker']);
      }
    });

    it(`${who} finds none of the others by any filter`, async () => {
      for (const filter of [{client: 'acme'}, {client: 'bolt'}, {search: 'b'}, {motion: 'STOPPED'},
        {connectivity: 'ONLINE'}, {bbox: {west: 0, south: 0, east: 20, north: 20}}]) {
        const {trackers} = await ask(
          'query ($filter: TrackerFilter) { trackers(filter: $filter) { nodes { id } } }', {filter});
        assert.ok(trackers.nodes.every(({id}) => ids.includes(id)), JSON.stringify(filter));
      }
      const {trackers} = await ask('{ trackers(filter: {client: "bolt"}) { nodes { id } } }');
      assert.deepEqual(trackers.nodes.map(({id}) => id),
        ids.filter((id) => id.startsWith('b')));
    });

    it(`${who} knows of the clients ${knownClients[who]}`, async () => {
      const {clients} = await ask('{ clients { nodes { id trackers { nodes { id } } } } }');
      assert.deepEqual(clients.nodes.map(({id}) => id), knownClients[who]);
      for (const {id, trackers} of clients.nodes) {
        assert.deepEqual(trackers.nodes.map((tracker) => tracker.id),
          ids.filter((tracker) => tracker[0] === id[0]));
      }
      const {client} = await ask('{ client(id: "acme") { id } }');
      assert.equal(client !== null, knownClients[who].includes('acme'));
    });
  }

  it('pages hold all of them once', async () => {
    for (const [who, ids] of Object.entries(seen)) {
      const found = [];
      for (let after = null, more = true; more;) {
        const {trackers} = await dataOf(gateway, `query ($after: String) {
          trackers(first: 1, after: $after) { edges { node { id } } pageInfo { hasNextPage endCursor } }
        }`, {as: people[who], variables: {after}});
        found.push(...trackers.edges.map(({node}) => node.id));
        more = trackers.pageInfo.hasNextPage;
        after = trackers.pageInfo.endCursor;
      }
      assert.deepEqual(found, ids, who);
    }
  });
});

// Each field of the roots with arguments that would do something, and of Tracker those that need a
// role. A field that is not here fails the test below.
const needed = {
  Query: {
    me: '{ me { user } }',
    trackers: '{ trackers { nodes { id } } }',
    tracker: '{ tracker(id: "b2") { id } }',
    positions: '{ positions(trackerId: "b2") { nodes { latitude } } }',
    clients: '{ clients { nodes { id } } }',
    client: '{ client(id: "bolt") { id } }',
    sessions: '{ sessions { nodes { id } } }',
    users: '{ users { nodes { name } } }',
    updateRequest: '{ updateRequest(id: "none") { status } }',
    reverseGeocode: '{ reverseGeocode(latitude: 48.86, longitude: 2.35) { provider } }',
  },
  Mutation: {
    endSession: 'mutation { endSession(sid: "none") { sid } }',
    updateTrackerLocation: 'mutation { updateTrackerLocation(trackerId: "b2") { status } }',
    createTracker: 'mutation { createTracker(input: {id: "new"}) { id } }',
    updateTracker: 'mutation { updateTracker(id: "b2", input: {name: "Stolen"}) { id } }',
    deleteTracker: 'mutation { deleteTracker(id: "b2") { id } }',
    createClient: 'mutation { createClient(input: {id: "new", name: "New"}) { id } }',
    updateClient: 'mutation { updateClient(id: "bolt", input: {name: "Stolen"}) { id } }',
    deleteClient: 'mutation { deleteClient(id: "none") { id } }',
    createUser: 'mutation { createUser(input: {name: "eve", password: "long enough"}) { name } }',
    updateUser: 'mutation { updateUser(name: "eve", input: {roles: ["admin"]}) { name } }',
    deleteUser: 'mutation { deleteUser(name: "eve") { id } }',
    issueIngestToken: 'mutation { issueIngestToken(trackerId: "b2") { token } }',
    revokeIngestTokens: 'mutation { revokeIngestTokens(trackerId: "b2") { count } }',
  },
};
const open = ['me', 'trackers', 'tracker', 'positions', 'clients', 'client', 'reverseGeocode'];

describe('of fields', () => {
  it('each is looked at', async () => {
    const {__schema: {types}} = await dataOf(gateway, '{ __schema { types { name fields { name } } } }');
    for (const [type, fields] of Object.entries(needed)) {
      assert.deepEqual(types.find(({name}) => name === type).fields.map(({name}) => name).sort(),
        Object.keys(fields).sort());
    }
  });

  const before = '{ trackers { nodes { id name } } clients { nodes { id name } } users { nodes { name } } }';
  it('those of administrators are refused to others, and do nothing', async () => {
    const all = await asAdmin(before);
    for (const who of ['anonymous', 'acme', 'bolt']) {
      for (const [name, query] of Object.entries({...needed.Query, ...needed.Mutation})) {
        const codes = await codesOf(gateway, query, {as: people[who]});
        const refused = who === 'anonymous' ? ['unauthorized'] : ['forbidden'];
        assert.deepEqual(codes, open.includes(name) ? [] : refused, `${who} ${name}`);
      }
    }
    assert.deepEqual(await asAdmin(before), all);
    // Each try to change something is on record.
    await gateway.logged(/graphql\.deleteTracker .*outcome=unauthorized/);
    await gateway.logged(/graphql\.deleteTracker by="?user of acme"? .*outcome=forbidden/);
  });

  it('what trackers are reported by is for administrators', async () => {
    const query = '{ tracker(id: "b2") { id provider } }';
    assert.deepEqual((await asAdmin(query)).tracker, {id: 'b2', provider: 'push'});
    const {data, errors} = await graphql(gateway, query, {as: people.bolt});
    assert.deepEqual(data.tracker, {id: 'b2', provider: null});
    assert.deepEqual(errors.map((error) => error.extensions.code), ['forbidden']);
    // A tracker's key at its provider never leaves the server: nobody can even ask for it.
    const key = await graphql(gateway, '{ tracker(id: "b2") { externalId } }', {as: people.admin});
    assert.equal(key.data ?? null, null);
    assert.ok(!JSON.stringify(key).includes('"externalId":'));
  });

  it('administrators may have all of them', async () => {
    const missing = {sessions: [], updateRequest: [], endSession: ['not_found']};
    for (const [name, query] of Object.entries(needed.Query)) {
      assert.deepEqual(await codesOf(gateway, query, {as: people.admin}), missing[name] ?? [], name);
    }
    // In the order of the table: what is made is changed and removed again.
    for (const [name, query] of Object.entries(needed.Mutation)) {
      if (name === 'deleteTracker') continue;
      assert.deepEqual(await codesOf(gateway, query, {as: people.admin}), missing[name] ?? [], name);
    }
    assert.deepEqual(await codesOf(gateway, needed.Mutation.deleteTracker, {as: people.admin}), []);
    assert.equal((await asAdmin('{ tracker(id: "b2") { id } }')).tracker, null);
    assert.deepEqual((await asAdmin('{ updateRequest(id: "none") { status } }')).updateRequest, null);
  });
});

describe('of administration', () => {
  const input = (text) => `mutation { ${text} { __typename } }`;
  it('bad input is said to be so, and by which member', async () => {
    const long = 'x'.repeat(300);
    for (const [text, word] of [
      ['createTracker(input: {id: ""})', 'input.id'],
      [`createTracker(input: {id: "${long}"})`, 'input.id'],
      ['createTracker(input: {id: "x", idIsInteger: true})', 'input.id'],
      [`createTracker(input: {id: "x", name: "${long}"})`, 'input.name'],
      ['createTracker(input: {id: "x", name: ""})', 'input.name'],
      [`createTracker(input: {id: "x", category: "${long}"})`, 'input.category'],
      ['createTracker(input: {id: "x", offlineAfter: 0})', 'input.offlineAfter'],
      ['createTracker(input: {id: "x", expectedInterval: -1})', 'input.expectedInterval'],
      ['createTracker(input: {id: "x", provider: ""})', 'input.provider'],
      ['updateTracker(id: "a1", input: {})', 'nothing to change'],
      ['createClient(input: {id: "c", name: ""})', 'input.name'],
      ['createUser(input: {name: " eve", password: "long enough"})', 'spaces'],
      ['createUser(input: {name: "eve", password: "short"})', 'character'],
      ['updateUser(name: "eve", input: {})', 'nothing'],
    ]) {
      const {errors} = await graphql(gateway, input(text), {as: people.admin});
      assert.equal(errors?.[0].extensions.code, 'bad_argument', text);
      assert.match(errors[0].message, new RegExp(word), text);
    }
    for (const [text, code] of [
      ['createTracker(input: {id: "a1"})', 'exists'],
      ['createTracker(input: {id: "x", clientId: "nobody"})', 'unknown_client'],
      ['updateTracker(id: "nobody", input: {name: "x"})', 'unknown_tracker'],
      ['updateTracker(id: "a1", input: {clientId: "nobody"})', 'unknown_client'],
      ['deleteTracker(id: "nobody")', 'unknown_tracker'],
      ['issueIngestToken(trackerId: "nobody")', 'unknown_tracker'],
      ['createClient(input: {id: "acme", name: "x"})', 'exists'],
      ['updateClient(id: "nobody", input: {name: "x"})', 'unknown_client'],
      ['deleteClient(id: "acme")', 'in_use'],
      ['deleteClient(id: "nobody")', 'unknown_client'],
      ['updateUser(name: "nobody", input: {disabled: true})', 'not_found'],
      ['deleteUser(name: "nobody")', 'not_found'],
      ['createUser(input: {name: "x", password: "long enough", clients: [""]})', 'unknown_client'],
    ]) {
      assert.deepEqual(await codesOf(gateway, input(text), {as: people.admin}), [code], text);
    }
    for (const text of ['trackers(first: 0)', 'trackers(first: 501)', 'trackers(after: "???")',
      'trackers(filter: {search: ""})', 'clients(first: 0)', 'users(first: 201)',
      'trackers(filter: {bbox: {west: 0, south: 2, east: 1, north: 1}})',
      'trackers(filter: {bbox: {west: 0, south: -91, east: 1, north: 1}})',
      'positions(trackerId: "a1", first: 1001)', 'positions(trackerId: "a1", after: "eA")']) {
      assert.deepEqual(await codesOf(gateway, `{ ${text} { __typename } }`, {as: people.admin}),
        ['bad_argument'], text);
    }
  });

  it('what is asked together is bounded', async () => {
    for (const query of [
      '{ trackers(first: 500) { nodes { positions(first: 1000) { nodes { latitude } } } } }',
      '{ clients(first: 500) { nodes { trackers(first: 500) { nodes { id } } } } }',
    ]) {
      assert.deepEqual(await codesOf(gateway, query, {as: people.admin}), ['query_too_costly']);
    }
  });

  it('trackers and clients change as said, for those who may see them', async () => {
    await asAdmin(`mutation {
      updateTracker(id: "a1", input: {name: "Renamed", category: "bus", offlineAfter: 60,
        expectedInterval: 10, public: true}) { id }
      updateClient(id: "acme", input: {name: "Acme!"}) { id }
    }`);
    const {tracker} = await dataOf(gateway, `{ tracker(id: "a1") {
      name category offlineAfter expectedInterval public client { id name } freshness lastSeenAt } }`);
    const {lastSeenAt, ...rest} = tracker;
    assert.deepEqual(rest, {name: 'Renamed', category: 'bus', offlineAfter: 60, expectedInterval: 10,
      public: true, client: {id: 'acme', name: 'Acme!'}, freshness: 'STALE'});
    assert.ok(Math.abs(new Date(lastSeenAt) - Date.now()) < hour / 2, lastSeenAt);
    const {updateTracker} = await asAdmin(
      'mutation { updateTracker(id: "a1", input: {clientId: null, public: false}) { client { id } public } }');
    assert.deepEqual(updateTracker, {client: null, public: false});
    assert.equal((await dataOf(gateway, '{ tracker(id: "a1") { id } }', {as: people.acme})).tracker, null);
  });

  it('the integer 7 and the text "7" are two trackers', async () => {
    await asAdmin('mutation { createTracker(input: {id: "7", name: "Text"}) { id } }');
    const {seven, text} = await asAdmin(
      'query ($quoted: ID!) { seven: tracker(id: 7) { idIsInteger } text: tracker(id: $quoted) { name idIsInteger } }',
      {quoted: '"7"'});
    assert.deepEqual([seven, text], [{idIsInteger: true}, {name: 'Text', idIsInteger: false}]);
    await asAdmin('mutation { deleteTracker(id: 7) { id } }');
    const {tracker} = await asAdmin('{ tracker(id: 7) { name } }');
    assert.equal(tracker.name, 'Text');
  });

  it('histories go on page by page, both ways and between times', async () => {
    const query = `query ($from: DateTime, $to: DateTime, $after: String, $newestFirst: Boolean!) {
      tracker(id: "b1") { positions(first: 1, from: $from, to: $to, after: $after, newestFirst: $newestFirst) {
        edges { node { latitude } } pageInfo { hasNextPage hasPreviousPage endCursor } } } }`;
    const walk = async (variables) => {
      const found = [];
      for (let after = null; ;) {
        const {tracker: {positions}} = await asAdmin(query, {newestFirst: false, ...variables, after});
        found.push(...positions.edges.map(({node}) => node.latitude));
        assert.equal(positions.pageInfo.hasPreviousPage, after !== null);
        if (!positions.pageInfo.hasNextPage) return found;
        after = positions.pageInfo.endCursor;
      }
    };
    const middle = new Date(start + 30_000).toISOString();
    assert.deepEqual(await walk({}), [5, 7]);
    assert.deepEqual(await walk({newestFirst: true}), [7, 5]);
    assert.deepEqual(await walk({from: middle}), [7]);
    assert.deepEqual(await walk({to: middle, newestFirst: true}), [5]);
  });
});

describe('of users', () => {
  it('an account made here signs in, changes while it is, and ends', async () => {
    const {createUser} = await asAdmin(
      `mutation ($password: String!) {
        createUser(input: {name: "Ada", password: $password, clients: ["bolt"]}) { name roles clients disabled }
      }`, {password: 'correct horse'});
    assert.deepEqual(createUser, {name: 'Ada', roles: ['user'], clients: ['bolt'], disabled: false});
    assert.deepEqual(await codesOf(gateway,
      'mutation { createUser(input: {name: "ADA", password: "long enough"}) { name } }',
      {as: people.admin}), ['exists']);
    const token = await tokenOf(gateway, 'ada', 'correct horse');
    const me = async (as) => (await dataOf(gateway, '{ me { user clients authenticated } }', {as})).me;
    assert.deepEqual(await me(token), {user: 'Ada', clients: ['bolt'], authenticated: true});
    await asAdmin('mutation { updateUser(name: "ada", input: {clients: ["acme"]}) { name } }');
    assert.deepEqual((await me(token)).clients, ['acme']);
    await asAdmin('mutation ($p: String!) { updateUser(name: "ada", input: {password: $p}) { name } }',
      {p: 'another horse'});
    assert.equal((await me(token)).authenticated, false);
    const second = await tokenOf(gateway, 'Ada', 'another horse');
    await asAdmin('mutation { deleteUser(name: "ada") { id } }');
    assert.equal((await me(second)).authenticated, false);
    assert.deepEqual((await asAdmin('{ users { nodes { name } } }')).users.nodes, []);
    assert.doesNotMatch(gateway.log, /horse/);
    await gateway.logged(/user\.remove by=root/);
  });

  it('come in pages by name', async () => {
    for (const name of ['Cem', 'ana', 'Bo']) await addUser(gateway, name, 'long enough');
    const found = [];
    for (let after = null, more = true; more;) {
      const {users} = await asAdmin(`query ($after: String) { users(first: 2, after: $after) {
        nodes { name } pageInfo { hasNextPage endCursor } } }`, {after});
      found.push(...users.nodes.map(({name}) => name));
      ({hasNextPage: more, endCursor: after} = users.pageInfo);
    }
    assert.deepEqual(found, ['ana', 'Bo', 'Cem']);
  });

  it('no administrator shuts themselves out', async () => {
    await addUser(gateway, 'chief', 'long enough', ['--role', 'admin']);
    const as = await tokenOf(gateway, 'chief', 'long enough');
    for (const text of ['deleteUser(name: "Chief") { id }',
      'updateUser(name: "CHIEF", input: {disabled: true}) { name }',
      'updateUser(name: "chief", input: {roles: ["user"]}) { name }']) {
      assert.deepEqual(await codesOf(gateway, `mutation { ${text} }`, {as}), ['bad_argument'], text);
    }
    assert.deepEqual(await codesOf(gateway,
      'mutation { updateUser(name: "chief", input: {roles: ["admin", "ops"]}) { name } }', {as}), []);
  });
});
