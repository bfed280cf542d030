// The document is valid OpenAPI, says what it should, and names every route of the server.

import assert from 'node:assert/strict';
import {after, before, describe, it} from 'node:test';
import {Validator} from '@seriousme/openapi-schema-validator';
import {Gateway, run} from '../../integration/lib/gateway.mjs';
import {eventually} from '../../integration/lib/wait.mjs';
import {checkExample, document, operations, parameters, text} from './contract.mjs';

describe('the document', () => {
  it('is OpenAPI 3.1', async () => {
    const validator = new Validator();
    const {valid, errors} = await validator.validate(JSON.parse(text));
    assert.ok(valid, JSON.stringify(errors));
    assert.equal(validator.version, '3.1');
  });

  it('is of the version of the program', async () => {
    const {stdout} = await run(['version']);
    assert.ok(stdout.includes(document.info.version), stdout);
  });

  it('names operations once, and the parameters that their paths have', () => {
    assert.equal(new Set(operations.map(({id}) => id)).size, operations.length);
    for (const operation of operations) {
      const named = [...operation.path.matchAll(/{(\w+)}/g)].map((match) => match[1]);
      assert.deepEqual(parameters(operation, 'path').map(({name}) => name), named, operation.id);
    }
  });

  it('refers only to what is there, and has nothing that is not referred to', () => {
    const referred = new Set([...text.matchAll(/"\$ref": "#\/([^"]+)"/g)].map((match) => match[1]));
    const there = Object.entries(document.components).flatMap(([kind, all]) =>
      (kind === 'securitySchemes' ? [] : Object.keys(all).map((name) => `components/${kind}/${name}`)));
    assert.deepEqual([...referred].sort(), there.sort());
  });

  it('has examples that are what it asks for', () => operations.forEach(checkExample));
});

describe('the server', () => {
  let gateway;
  before(async () => {
    gateway = await Gateway.start([], {TRACKWIRE_LOG_LEVEL: 'debug'});
  });
  after(() => gateway.stop());

  it('tells the document as it is', async () => {
    const response = await fetch(`${gateway.url}/api/openapi.json`);
    assert.equal(response.headers.get('content-type'), 'application/json');
    assert.equal(await response.text(), text);
  });

  it('serves what is in the document and nothing else', async () => {
    const lines = await eventually(() => {
      const told = [...gateway.log.matchAll(/ serves method=(\S+) path=(\S+)/g)];
      return told.some(([, , path]) => path === '/socket.io/') && told;
    }, 'the list of what is served');
    // Pages and Socket.IO take all below their path; how names in paths are called is no matter.
    const plain = (path) => path.replace(/{\w+}/g, '{}');
    const unquoted = (word) => word.replace(/^"|"$/g, '');
    const described = operations.filter(({path}) => path !== '/docs')
      .map(({method, path}) => ({method, path: plain(path)}));
    // Of some it is told where they are, but not which methods they have.
    const served = lines.map(([, method, path]) => [unquoted(method), unquoted(path)])
      .filter(([, path]) => path !== '/' && path !== '/socket.io/')
      .map(([method, path]) => [method, plain(path.replace(/\/$/, '/{}'))])
      .flatMap(([method, path]) => (method !== '*' ? [`${method} ${path}`]
        : [...described.filter((one) => one.path === path).map((one) => `${one.method} ${path}`),
          ...(described.some((one) => one.path === path) ? [] : [`* ${path}`])]));
    assert.deepEqual([...new Set(served)].sort(),
      described.map(({method, path}) => `${method} ${path}`).sort());
  });
});
