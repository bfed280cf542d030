import assert from 'node:assert/strict';
import { after, afterEach, before } from 'node:test';

import { startGateway } from './gateway.mjs';
import { launch, openPage } from './page.mjs';

/**
 * One gateway, from `start`, and one browser for the tests of a file; `prepare` gets the gateway
 * first. After each test its pages are closed, and any console error or foreign request on them
 * that was not announced fails it.
 */
export function suite(prepare = undefined, start = startGateway) {
  const shared = { gateway: undefined, browser: undefined };
  let open = [];

  before(async () => {
    shared.gateway = await start();
    await prepare?.(shared.gateway);
    shared.browser = await launch();
  });
  after(async () => {
    await shared.browser?.close();
    await shared.gateway?.stop();
  });
  afterEach(async () => {
    const pages = open;
    open = [];
    await Promise.all(pages.map(({ context }) => context.close()));
    for (const { faults, allowed } of pages) {
      const unexpected = faults.filter((fault) => !allowed.some((pattern) => pattern.test(fault)));
      assert.deepEqual(unexpected, []);
    }
  });

  shared.open = async (options = {}, { url = shared.gateway.url, allowed = [], ...how } = {}) => {
    const opened = await openPage(shared.browser, url, options, how);
    open.push({ ...opened, allowed });
    return opened.page;
  };
  return shared;
}

/** What the browser logs by itself about an answer that refuses. */
export const kRefusedFaults = [/status of (401|429)/];

/** What the browser logs about a connection that a test cuts on purpose. */
export const kConnectionFaults = [/net::ERR_(CONNECTION|EMPTY|SOCKET)|WebSocket connection to/];
