// Inputs of published advisories about engine.io, its cluster engine and python-engineio.

import assert from 'node:assert/strict';
import {describe, it} from 'node:test';
import {
  Visitor, pollingTarget, seated, settle, socketPath, useGateway, websocketTarget,
} from '../lib/gateway.mjs';
import {PollingSession} from '../lib/engineio.mjs';
import {RawConnection, request} from '../lib/http.mjs';
import {RawWebSocket, frame, opcode, trySocket, upgradeRequest} from '../lib/websocket.mjs';
import {eventually} from '../lib/wait.mjs';

const foreign = {Origin: 'https://evil.example'};

describe('Advisories about Engine.IO', () => {
  const gateway = useGateway();
  const open = () => PollingSession.open(gateway.port, socketPath);

  it('CVE-2020-36048: one body of very many packets, or of one great one', async () => {
    const bodies = [
      Array.from({length: 490_000}, () => '4').join('\x1e'), '\x1e'.repeat(990_000),
      '2:4\u00bc'.repeat(150_000), `4${'2'.repeat(990_000)}`, `999999:${'4'.repeat(900_000)}`,
      Array.from({length: 140_000}, () => '42["x"]').join('\x1e').slice(0, 990_000),
    ];
    for (const body of bodies) {
      const session = await open();
      const answer = await session.post(body);
      assert.ok([200, 400].includes(answer.status), `${answer.status}`);
    }
  });

  it('CVE-2022-21676: a frame with reserved bits in the very segment of the opening', async () => {
    for (const rsv of [1, 2, 3, 4, 6, 7]) {
      const socket = await RawWebSocket.open(gateway.port, websocketTarget,
        {early: frame(opcode.text, '40', {rsv})});
      assert.equal(await socket.closeCode(), 1002);
      socket.destroy();
    }
    const session = await open();
    const probe = await RawWebSocket.open(gateway.port, `${websocketTarget}&sid=${session.sid}`,
      {early: frame(opcode.text, '2probe', {rsv: 3})});
    assert.equal(await probe.closeCode(), 1002);
    probe.destroy();
    assert.equal(await session.isGone(), false);
  });

  it('CVE-2022-41940: openings that are refused and reset', async () => {
    for (let i = 0; i < 50; ++i) {
      const connection = await RawConnection.open(gateway.port);
      const target = [websocketTarget, `${websocketTarget}&sid=nobody`, '/elsewhere',
        `${socketPath}?transport=websocket`][i % 4];
      await connection.send(upgradeRequest(target) + 'x'.repeat(1_000));
      connection.reset();
    }
  });

  it('CVE-2023-31125: openings with transports that are none', async () => {
    for (const query of ['', 'EIO=4', 'EIO=4&transport=', 'EIO=4&transport=constructor',
      'EIO=4&transport=__proto__', 'EIO=4&transport=toString', 'EIO=4&transport[]=websocket',
      'EIO=4&transport=polling', 'EIO=4&transport=websocket&transport=x', 'EIO[]=4&EIO=4']) {
      const refused = await trySocket(gateway.port, `${socketPath}?${query}`);
      assert.equal(refused.refused, 400, query);
      const answer = await request(gateway.port, `${socketPath}?${query}`);
      assert.ok([200, 400].includes(answer.status), query);
    }
  });

  it('CVE-2026-59724, CVE-2026-102600: sids that objects of JavaScript inherit', async () => {
    for (const sid of ['__proto__', 'constructor', 'toString', 'hasOwnProperty', '']) {
      for (const transport of ['polling', 'webtransport']) {
        const target = `${socketPath}?EIO=4&transport=${transport}&sid=${sid}`;
        for (const method of ['POST', 'PUT', 'DELETE']) {
          assert.equal((await request(gateway.port, target, {method})).status, 400);
        }
      }
      if (sid === '') continue;
      assert.equal((await request(gateway.port, `${pollingTarget}&sid=${sid}`)).status, 400);
      assert.equal((await trySocket(gateway.port, `${websocketTarget}&sid=${sid}`)).refused, 400);
    }
  });

  it('CVE-2026-59725: octet streams are answered, and their connections end', async () => {
    const before = gateway.server.openFiles;
    const connections = [];
    for (let i = 0; i < 100; ++i) {
      const session = await open();
      const connection = await RawConnection.open(gateway.port);
      connections.push(connection);
      await connection.send(`POST ${session.url} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n` +
        'Content-Type: application/octet-stream\r\nContent-Length: 4\r\n\r\n\x04abc');
      assert.equal((await connection.response()).status, 400);
      assert.equal(await session.isGone(), true);
    }
    await Promise.all(connections.map((connection) => connection.readToEnd()));
    await eventually(() => gateway.server.openFiles <= before + 5, 'the descriptors back');
  });

  it('CVE-2026-102599: an upgrade that speaks another revision than its session', async () => {
    for (const revision of ['', 'EIO=3&', 'EIO=5&', 'EIO=&', 'EIO=4&EIO=3&', 'eio=4&']) {
      const session = await open();
      const target = `${socketPath}?${revision}transport=websocket&sid=${session.sid}`;
      assert.equal((await trySocket(gateway.port, target)).refused, 400);
      const poll = `${socketPath}?${revision}transport=polling&sid=${session.sid}`;
      assert.equal((await request(gateway.port, poll)).status, 400);
      assert.equal(await session.isGone(), false);
    }
  });

  it('CVE-2019-13611: pages of other sites open no WebSocket and no session', async () => {
    for (const origin of ['https://evil.example', 'null', 'http://127.0.0.1',
      `http://127.0.0.1:${gateway.port}.evil.example`, `http://evil@127.0.0.1:${gateway.port}`]) {
      const refused = await trySocket(gateway.port, websocketTarget, {headers: {Origin: origin}});
      assert.equal(refused.refused, 403, origin);
      const answer = await request(gateway.port, pollingTarget, {headers: {Origin: origin}});
      assert.equal(answer.status, 403, origin);
    }
    const own = {Origin: `http://127.0.0.1:${gateway.port}`};
    const visitor = await Visitor.connect(gateway.port, {headers: own});
    visitor.close();
  });

  it('CVE-2020-28481: nobody is allowed across origins who was not listed', async () => {
    for (const [method, path] of [['GET', pollingTarget], ['OPTIONS', pollingTarget],
      ['GET', `${pollingTarget}&sid=x`], ['GET', '/api/trackers'], ['OPTIONS', '/api/trackers'],
      ['POST', '/api/notifications'], ['GET', '/metrics'], ['GET', '/']]) {
      const {headers} = await request(gateway.port, path, {method, headers: {
        ...foreign, 'Access-Control-Request-Method': 'POST'}});
      assert.equal(headers['access-control-allow-origin'], undefined, path);
      assert.equal(headers['access-control-allow-credentials'], undefined, path);
    }
  });

  it('GHSA-cgwc-pv48-fhj5: pongs that nobody asked for start no heartbeats', async () => {
    const socket = await seated(gateway.port);
    await socket.send(...Array.from({length: 2_000}, () => frame(opcode.text, '3')));
    assert.deepEqual(await settle(socket), []);
    socket.destroy();
  });
});
