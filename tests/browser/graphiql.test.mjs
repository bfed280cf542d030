import assert from 'node:assert/strict';
import { test } from 'node:test';

import { suite } from './support/suite.mjs';

const shared = suite();
const open = (how = {}) =>
  shared.open({}, { url: `${shared.gateway.url}/graphiql`, until: '.graphiql-editor', ...how });

/** Runs what the editor says; its answer. */
async function run(page) {
  const answered = page.waitForResponse((response) => {
    const body = response.request().postData() ?? '';
    return response.url().endsWith('/graphql') && !body.includes('IntrospectionQuery');
  });
  await page.locator('.graphiql-execute-button').click();
  const { data, errors } = await (await answered).json();
  assert.equal(errors, undefined);
  return data;
}

const result = (page) => page.locator('.result-window');

test('GraphiQL asks what it says at first, and shows the answer', async () => {
  const page = await open();
  const data = await run(page);
  assert.equal(data.me.user, null);
  assert.equal(data.trackers.nodes.length, 10);
  await result(page).getByText(`"${data.trackers.nodes[0].id}"`).first().waitFor();
});

test('GraphiQL asks as who is signed in by the cookie', async () => {
  const token = await shared.gateway.makeToken('--sub', 'ann', '--role', 'admin');
  const page = await open({ token });
  const data = await run(page);
  assert.equal(data.me.user, 'ann');
  await result(page).getByText('"ann"').waitFor();
});

test('GraphiQL tells the schema, and its menus open', async () => {
  const page = await open();
  await page.getByLabel('Show Documentation Explorer').click();
  await page.getByText('trackers', { exact: true }).first().waitFor();
  await page.locator('.graphiql-doc-explorer').getByText('Query', { exact: true }).first().click();
  await page.locator('.graphiql-doc-explorer').getByText('updateRequest').first().waitFor();
  await page.getByLabel('Open settings dialog').click();
  await page.locator('.graphiql-dialog').waitFor();
});

test('GraphiQL may make styles, but run no scripts other than its own', async () => {
  const policy = async (path) => {
    const response = await fetch(`${shared.gateway.url}${path}`);
    assert.equal(response.status, 200);
    return response.headers.get('content-security-policy');
  };
  const strict = await policy('/');
  assert.match(strict, /default-src 'none'; script-src 'self'; style-src 'self';/);
  assert.equal(await policy('/graphiql'),
    strict.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'"));
});
