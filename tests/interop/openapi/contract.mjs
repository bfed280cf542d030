// The document as something that answers can be held against.

import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import Ajv2020 from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

const file = new URL('../../../docs/openapi.json', import.meta.url);
export const text = readFileSync(file, 'utf8');
export const document = JSON.parse(text);

const methods = ['get', 'put', 'post', 'delete', 'patch'];
const ajv = new Ajv2020({strict: false, allErrors: true, validateFormats: true});
addFormats(ajv);
ajv.addSchema(document, 'document');

const escaped = (part) => encodeURIComponent(String(part).replace(/~/g, '~0').replace(/\//g, '~1'));

/** What is at a place of the document, references followed; with the place where it was found. */
function at(place) {
  let found = place.reduce((value, part) => value?.[part], document);
  if (found?.$ref === undefined) return {found, place};
  return at(found.$ref.slice(2).split('/'));
}

function checkerFor(place) {
  return ajv.compile({$ref: `document#/${place.map(escaped).join('/')}`});
}

/** Every operation: its id, path, method and what is said of it. */
export const operations = Object.entries(document.paths).flatMap(([path, item]) =>
  methods.filter((method) => item[method]).map((method) => ({
    id: item[method].operationId, path, method: method.toUpperCase(), spec: item[method],
  })));

export function operation(id) {
  const found = operations.find((one) => one.id === id);
  assert.ok(found, `the document has no operation ${id}`);
  return found;
}

/** The parameters of an operation in one place, `query` or `path`. */
export function parameters({path, spec}, where) {
  return [...(document.paths[path].parameters ?? []), ...(spec.parameters ?? [])]
    .map((parameter) => (parameter.$ref ? at(parameter.$ref.slice(2).split('/')).found : parameter))
    .filter((parameter) => parameter.in === where);
}

/** Fails unless the example of the body, if there is one, is what the document asks for. */
export function checkExample({id, path, method, spec}) {
  for (const [type, media] of Object.entries(spec.requestBody?.content ?? {})) {
    if (media.example === undefined || media.schema === undefined) continue;
    const place = ['paths', path, method.toLowerCase(), 'requestBody', 'content', type, 'schema'];
    const check = checkerFor(place);
    assert.ok(check(media.example), `${id}: ${ajv.errorsText(check.errors)}`);
  }
}

/** Fails unless the document knows such an answer to the operation. */
export function checkAnswer({id, path, method}, {status, type, body}) {
  const {found, place} = at(['paths', path, method.toLowerCase(), 'responses', String(status)]);
  assert.ok(found, `${id} was answered ${status}, of which the document says nothing: ${body}`);
  if (found.content === undefined) {
    assert.equal(body, '', `${id} ${status} has a body`);
    return;
  }
  const name = type.split(';')[0];
  const media = found.content[name];
  assert.ok(media, `${id} was answered with ${type}`);
  if (!/json$/.test(name)) return;
  const check = checkerFor([...place, 'content', name, 'schema']);
  assert.ok(check(JSON.parse(body)), `${id} ${status}: ${ajv.errorsText(check.errors)}: ${body}`);
}
