// npm's graphql reads our schema, and agrees with us about what is valid.

import assert from 'node:assert/strict';
import {readFile} from 'node:fs/promises';
import {after, before, describe, it} from 'node:test';
import {
  buildClientSchema, buildSchema, getIntrospectionQuery, introspectionFromSchema,
  lexicographicSortSchema, parse, specifiedDirectives, specifiedScalarTypes, validate,
  validateSchema,
} from 'graphql';
import {Gateway} from '../../integration/lib/gateway.mjs';
import {admin} from '../../integration/lib/token.mjs';

const root = new URL('../../../', import.meta.url);
const read = (path) => readFile(new URL(path, root), 'utf8');

/** What the file defines, in an order that does not depend on it; not what is the language's. */
function ownParts(schema) {
  const {__schema: {types, directives, ...rest}} =
    introspectionFromSchema(lexicographicSortSchema(schema));
  return {
    ...rest,
    types: types.filter(({name}) => !name.startsWith('__') &&
      !specifiedScalarTypes.some((scalar) => scalar.name === name)),
    directives: directives.filter(({name}) => name !== 'cost' &&
      !specifiedDirectives.some((directive) => directive.name === name)),
  };
}

describe('the schema', () => {
  let gateway;
  let schema;
  before(async () => {
    gateway = await Gateway.start();
    const {data, errors} = await ask(getIntrospectionQuery({
      specifiedByUrl: true, directiveIsRepeatable: true, schemaDescription: true,
      inputValueDeprecation: true,
    }));
    assert.equal(errors, undefined);
    schema = buildClientSchema(data);
  });
  after(() => gateway.stop());

  async function ask(query, variables, as) {
    const response = await fetch(`${gateway.url}/graphql`, {
      method: 'POST',
      headers: {'content-type': 'application/json', ...(as && {authorization: `Bearer ${as}`})},
      body: JSON.stringify({query, variables}),
    });
    return response.json();
  }

  it('is valid', () => assert.deepEqual(validateSchema(schema), []));

  it('is what its file says, descriptions and defaults included', async () => {
    // The directive that every schema of ours has without writing it; npm needs to be told.
    const cost = 'directive @cost(weight: Int, items: Int, itemsFrom: String) on FIELD_DEFINITION\n';
    const file = buildSchema(cost + await read('src/api/schema.graphql'));
    assert.deepEqual(ownParts(schema), ownParts(file));
  });

  it('tells what tools ask by default', async () => {
    const {data, errors} = await ask(getIntrospectionQuery());
    assert.equal(errors, undefined);
    assert.deepEqual(validateSchema(buildClientSchema(data)), []);
  });

  it('says where scalars are written down', () => {
    assert.match(schema.getType('DateTime').specifiedByURL, /rfc3339$/);
  });

  // What the examples are asked with. Nothing of it is there: what fails says just that.
  const values = {
    after: null, sid: 'nobody', filter: {motion: 'MOVING'}, id: 'bus-7', from: '2026-11-23T00:00:00Z',
    tracker: 'bus-7', socket: 'nobody', request: 'none', password: 'long enough',
  };
  async function examples() {
    const text = await read('docs/graphql.md');
    const found = [...text.matchAll(/```graphql\n([^]*?)```/g)].map((match) => match[1]);
    assert.ok(found.length >= 20, `${found.length} examples`);
    return found.map((text) => {
      const [{variableDefinitions = []}] = parse(text).definitions;
      const named = variableDefinitions.map(({variable}) => variable.name.value)
        .filter((name) => name in values);
      return {text, variables: Object.fromEntries(named.map((name) => [name, values[name]]))};
    });
  }

  it('is what the examples of the documents are written for', async () => {
    for (const {text} of await examples()) assert.deepEqual(validate(schema, parse(text)), [], text);
  });

  it('answers each example, or says what role it needs', async () => {
    for (const {text, variables} of await examples()) {
      const {errors = []} = await ask(text, variables);
      const codes = errors.map((error) => error.extensions.code);
      assert.ok(codes.every((code) => ['unauthorized', 'unknown_tracker'].includes(code)),
        `${text} ${JSON.stringify(errors)}`);
    }
  });

  it('answers each example to administrators, in their order', async () => {
    for (const {text, variables} of await examples()) {
      const {errors = []} = await ask(text, variables, admin());
      const codes = errors.map((error) => error.extensions.code);
      // No connection is there to be ended, and no tracker before it is made.
      const missing = codes.every((code) => ['not_found', 'unknown_tracker'].includes(code));
      const expected = /endSession|positions\(trackerId/.test(text) ? missing : codes.length === 0;
      assert.ok(expected, `${text} ${JSON.stringify(errors)}`);
    }
  });

  // Valid and invalid requests, on which both must agree.
  const cases = [
    '{ me { user } }',
    'query ($n: Int! = 3, $c: String) { sessions(first: $n, after: $c) { nodes { id } } }',
    '{ ...A } fragment A on Query { me { ...B } } fragment B on Viewer { roles }',
    '{ me { a: user a: roles } }',
    '{ sessions(first: "3") { nodes { id } } }',
    '{ sessions(after: 3) { nodes { id } } }',
    'query ($n: Int) { sessions(first: $n) { nodes { id } } }',
    'query ($n: Int = null) { sessions(first: $n) { nodes { id } } }',
    '{ me }',
    '{ me { user { name } } }',
    '{ nobody }',
    '{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }',
    '{ me { user @skip } }',
    '{ me { user @other } }',
    'query A { me { user } } query A { me { user } }',
    'mutation { endSession { sid } }',
    'mutation { endSession(sid: 5) { sid } }',
    'query ($x: Viewer) { me { user } }',
    'query ($x: Int) { me { user } }',
    '{ me { ... on Session { id } } }',
    '{ ...Missing }',
    '{ sessions(last: 3) { nodes { id } } }',
    '{ trackers(filter: {motion: MOVING, bbox: {west: 1, south: 1, east: 2, north: 2}}) { nodes { id } } }',
    '{ trackers(filter: {motion: "MOVING"}) { nodes { id } } }',
    '{ trackers(filter: {motion: FLYING}) { nodes { id } } }',
    '{ trackers(filter: {bbox: {west: 1}}) { nodes { id } } }',
    '{ trackers(filter: {colour: "red"}) { nodes { id } } }',
    'query ($f: TrackerFilter) { trackers(filter: $f) { nodes { position { latitude } } } }',
    'query ($f: UpdateUserInput) { trackers(filter: $f) { nodes { id } } }',
    '{ tracker(id: 7) { attributes } }',
    '{ tracker(id: 7.5) { id } }',
    '{ tracker(id: "7") { attributes { colour } } }',
    '{ tracker { id } }',
    '{ positions(trackerId: 1, from: "2026-11-23T00:00:00Z") { nodes { speed } } }',
  ];
  for (const query of cases) {
    it(`agrees about ${query}`, async () => {
      const theirs = validate(schema, parse(query)).length === 0;
      const {errors = []} = await ask(query);
      const ours = errors.every((error) => error.extensions.code !== 'validation_failed');
      assert.equal(ours, theirs, JSON.stringify(errors));
    });
  }
});
