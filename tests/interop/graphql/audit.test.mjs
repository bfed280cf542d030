// What npm's suite for GraphQL over HTTP demands of a server, put to the gateway itself.

import assert from 'node:assert/strict';
import {after, before, describe, it} from 'node:test';
import {serverAudits} from 'graphql-http';
import {Gateway} from '../../integration/lib/gateway.mjs';

// The suite has 61; fewer would mean that it was not run whole.
const expected = 61;

describe('GraphQL over HTTP', () => {
  let gateway;
  before(async () => {
    gateway = await Gateway.start();
  });
  after(() => gateway.stop());

  const audits = serverAudits({url: () => `${gateway.url}/graphql`, fetchFn: fetch});

  it('is looked at whole', () => assert.equal(audits.length, expected));

  for (const audit of audits) {
    it(`${audit.id} ${audit.name}`, async () => {
      const {status, reason, response} = await audit.fn();
      assert.equal(status, 'ok', `${status}: ${reason} ${response?.status}`);
    });
  }
});
