// Inputs of published advisories about HTTP servers: two readers of the same bytes must not see
// different requests. Behind each stands a request that must not be served.

import assert from 'node:assert/strict';
import {describe, it} from 'node:test';
import {pollingTarget, statuses, useGateway} from '../lib/gateway.mjs';

const smuggled = 'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n';

describe('Advisories about HTTP', () => {
  const gateway = useGateway();

  const head = (...fields) => `POST /healthz HTTP/1.1\r\nHost: x\r\n${fields.join('\r\n')}\r\n\r\n`;

  /** The first request is refused and nothing behind it is looked at. */
  async function assertRefused(bytes, ...allowed) {
    const got = await statuses(gateway.port, Buffer.from(bytes, 'latin1'));
    assert.equal(got.length, 1, `${got} to ${JSON.stringify(bytes.slice(0, 200))}`);
    assert.ok((allowed.length > 0 ? allowed : [400]).includes(got[0]),
      `${got} to ${JSON.stringify(bytes.slice(0, 200))}`);
  }

  const cases = {
    'CVE-2018-7159: spaces within a length': [head('Content-Length: 1 2')],
    'CVE-2019-15605: codings that are none': [
      head('Transfer-Encoding: chunkedx'), head('Transfer-Encoding: xchunked'),
      head('Transfer-Encoding: chunked;'), head('Transfer-Encoding: \x0bchunked'),
      head('Transfer-Encoding: identity'), head('Transfer-Encoding: chunked', 'Content-Length: 5'),
      head('Content-Length: 5', 'Transfer-Encoding: chunked'),
    ],
    'CVE-2020-8287: two codings': [
      head('Transfer-Encoding: chunked', 'Transfer-Encoding: identity'),
      head('Transfer-Encoding: x', 'Transfer-Encoding: chunked'),
    ],
    'CVE-2021-22959: a space before the colon': [
      head('Content-Length : 5'), head('Transfer-Encoding : chunked'), head('Content-Length\t: 5'),
    ],
    'CVE-2022-32213, CVE-2022-32215: a coding folded over lines': [
      head('Transfer-Encoding: chunked\r\n , identity'), head('Transfer-Encoding:\r\n chunked'),
      head('Transfer-Encoding: chunked,\r\n\tchunked'),
    ],
    'CVE-2022-32214, CVE-2022-35256: lines that end without a carriage return': [
      'GET /healthz HTTP/1.1\nHost: x\r\n\r\n', head('X: a\nContent-Length: 5'), head('X: a\n\n'),
    ],
    'CVE-2023-30589: lines that end without a line feed': [
      head('X: a\rContent-Length: 5'), 'GET /healthz HTTP/1.1\rHost: x\r\n\r\n', head('X:\r'),
    ],
    'CVE-2024-27982: a space before the name': [
      head(' Content-Length: 5'), 'GET /healthz HTTP/1.1\r\n Content-Length: 5\r\nHost: x\r\n\r\n',
    ],
    'CVE-2025-23167: a head that ends in another way': [
      'GET /healthz HTTP/1.1\r\nHost: x\r\n\rX\r\n\r\n', head('X: a\r\n\rb'),
    ],
    'lengths that are not one number': [
      head('Content-Length: 5', 'Content-Length: 10'), head('Content-Length: 5', 'Content-Length: 5'),
      head('Content-Length: 5, 5'), head('Content-Length: +5'), head('Content-Length: -5'),
      head('Content-Length: 0x5'), head('Content-Length: 5.0'), head('Content-Length:'),
    ],
    'hosts that are not one': [
      'GET /healthz HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n', 'GET /healthz HTTP/1.1\r\n\r\n',
      'GET http://y/healthz HTTP/1.1\r\nHost: x\r\n\r\n', 'GET /healthz HTTP/1.1\r\nHost: x, y\r\n\r\n',
      'GET http://u@x/healthz HTTP/1.1\r\nHost: x\r\n\r\n',
    ],
  };
  for (const [name, inputs] of Object.entries(cases)) {
    it(name, async () => {
      for (const input of inputs) await assertRefused(input + smuggled, 400, 501);
    });
  }

  it('CVE-2021-22960, CVE-2024-22019: extensions of chunks', async () => {
    const chunked = `POST ${pollingTarget}&sid=x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n`;
    for (const body of [
      '5;\nxx\r\nabcde\r\n0\r\n\r\n', '5;a\rb\r\nabcde\r\n0\r\n\r\n', '5;a=\x00\r\nabcde\r\n0\r\n\r\n',
      `5;${'x'.repeat(100_000)}`, `1;${'e'.repeat(8_000)}\r\nx\r\n`.repeat(100),
    ]) {
      const got = await statuses(gateway.port, Buffer.from(chunked + body + smuggled, 'latin1'));
      assert.ok(got.length === 1 && got[0] === 400, `${got}`);
    }
  });

  it('CVE-2026-58044: fields beyond the limit are refused, not passed over', async () => {
    const many = Array.from({length: 200}, (_, i) => `X${i}: a`);
    await assertRefused(head(...many, `Content-Length: ${smuggled.length}`) + smuggled, 431);
  });

  it('CVE-2018-12121: heads as large as may be, and larger', async () => {
    const fill = (size) => `GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX: ${'x'.repeat(size)}\r\n\r\n`;
    for (let i = 0; i < 100; ++i) {
      assert.deepEqual(await statuses(gateway.port, fill(16_000)), [200]);
      await assertRefused(fill(80_000), 431);
    }
  });

  it('a body that hides a request is a body', async () => {
    const got = await statuses(gateway.port,
      `GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: ${smuggled.length}\r\n\r\n${smuggled}`);
    assert.equal(got.length, 1);
  });

  it('what stands behind a refused upgrade is no request', async () => {
    for (const version of ['777', '']) {
      await assertRefused('GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\n' +
        'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n' +
        `Sec-WebSocket-Version: ${version}\r\n\r\n${smuggled}`, 400, 426);
    }
  });

  it('an upgrade to what is not spoken here is passed over', async () => {
    const got = await statuses(gateway.port, 'GET /healthz HTTP/1.1\r\nHost: x\r\n' +
      'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n');
    assert.deepEqual(got, [200]);
  });
});
