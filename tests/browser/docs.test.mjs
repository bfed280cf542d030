import assert from 'node:assert/strict';
import { test } from 'node:test';

import { eventually, saveScreenshot } from './support/page.mjs';
import { suite } from './support/suite.mjs';

const shared = suite();

const open = (how = {}) =>
  shared.open({ colorScheme: 'light' }, { url: `${shared.gateway.url}/docs`, until: '.opblock', ...how });

test('the interface can be browsed, from this server alone', async () => {
  const page = await open();
  const { paths, info } = await shared.gateway.ask('GET', '/api/openapi.json');
  assert.match(await page.locator('.info .title').innerText(), new RegExp(info.title));
  const shown = await page.locator('.opblock-summary-path').evaluateAll((all) =>
    // Long paths have invisible places where they may break.
    all.map((one) => one.textContent.replaceAll('\u200b', '')),
  );
  assert.deepEqual([...new Set(shown)].sort(), Object.keys(paths).sort());
  await page.locator('#operations-trackers-getPositions .opblock-summary-control').click();
  await page.getByText('before this fix time').waitFor();
  await saveScreenshot(page, 'docs');
});

test('requests can be tried out with a token', async () => {
  const page = await open();
  await page.getByRole('button', { name: 'Authorize' }).first().click();
  const token = await shared.gateway.makeToken('--sub', 'reader', '--role', 'admin');
  await page.getByLabel('auth-bearer-value').fill(token);
  await page.getByRole('button', { name: 'Apply credentials' }).first().click();
  await page.getByRole('button', { name: 'Close' }).first().click();

  const me = page.locator('#operations-identity-me');
  await me.locator('.opblock-summary-control').click();
  await me.getByRole('button', { name: 'Try it out' }).click();
  await me.getByRole('button', { name: 'Execute' }).click();
  await eventually('the answer', async () =>
    /"user":\s*"reader"/.test(await me.locator('.live-responses-table').innerText()),
  );
});
