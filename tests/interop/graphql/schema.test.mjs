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

  async function ask(query, variables) {
    const response = await fetch(`${gateway.url}/graphql`, {
      method: 'POST',
      headers: {'content-type': 'application/json'},
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

  it('answers each example of the documents', async () => {
    const text = await read('docs/graphql.md');
    const examples = [...text.matchAll(/```graphql\n([^]*?)```/g)].map((match) => match[1]);
    assert.ok(examples.length >= 4, `${examples.length} examples`);
    for (const example of examples) {
      assert.deepEqual(validate(schema, parse(example)), [], example);
      const {errors = []} = await ask(example);
      // Nobody is signed in here: what needs a role is refused in execution, not before.
      const codes = errors.map((error) => error.extensions.code);
      assert.ok(codes.every((code) => ['unauthorized', 'bad_variables'].includes(code)),
        `${example} ${JSON.stringify(errors)}`);
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
