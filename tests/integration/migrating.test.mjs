// docs/migrating.md, done: an existing Python server, its publisher and its front end; then Trackwire
// in its place, with publisher and front end unchanged.

import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {createInterface} from 'node:readline';
import {after, before, test} from 'node:test';

import {Gateway} from './lib/gateway.mjs';
import {RedisServer} from './lib/redis.mjs';
import {member, secret} from './lib/token.mjs';
import {eventually, within} from './lib/wait.mjs';
import {Edge} from './migrating/edge.mjs';
import {FrontEnd} from './migrating/front-end.mjs';

const children = new Set();
after(() => children.forEach((child) => child.kill('SIGKILL')));

/** A Python program of this directory, and its lines as they come. */
class Program {
  lines = [];
  errors = '';

  constructor(name, env) {
    this.child = spawn('/usr/bin/python3', [new URL(`migrating/${name}`, import.meta.url).pathname],
      {env: {...process.env, ...env}});
    children.add(this.child);
    createInterface(this.child.stdout).on('line', (line) => this.lines.push(line));
    this.child.stderr.on('data', (text) => (this.errors += text));
  }

  async port() {
    const line = await eventually(
      () => this.lines.find((text) => text.startsWith('listening ')), `a port; ${this.errors}`);
    return Number(line.split(' ')[1]);
  }

  async stop() {
    const closed = new Promise((resolve) => this.child.once('close', resolve));
    this.child.kill('SIGTERM');
    await within(closed, 'the end of a Python program');
    children.delete(this.child);
  }
}

let redis;
let environment;
let edge;
let old;
let gateway;
let publisher;
let published = 0;

before(async () => {
  redis = await RedisServer.start();
  environment = {REDIS_URL: redis.url, JWT_SECRET: secret, PYTHONUNBUFFERED: '1'};
  old = new Program('old_server.py', environment);
  publisher = new Program('publisher.py', environment);
  edge = await Edge.start();
  edge.sockets = edge.application = await old.port();
});
after(async () => {
  await gateway?.stop();
  await edge?.close();
  await redis?.stop();
});

/** Publishes and says how many servers heard it. */
async function publish(envelope) {
  publisher.child.stdin.write(`${JSON.stringify(envelope)}\n`);
  published += 1;
  const heard = await eventually(() => publisher.lines[published - 1],
    `the answer to publish ${published}; ${publisher.errors}`);
  return Number(heard);
}

let number = 0;

/** The next position of the van, told to everybody as existing publishers do it. */
async function drive() {
  number += 1;
  const heard = await publish({
    message_type: 'tracker_location_updated',
    notification: {tracker_id: 'van-1', latitude: 48.8583701, longitude: 2.29, speed: number},
    socket_id: null,
    tracker_id: 'van-1',
  });
  return heard;
}

const speeds = (page) => page.locations.map((position) => position.speed);
const told = (page, ...expected) => eventually(
  () => speeds(page).length >= expected.length, `${expected.length} positions`)
  .then(() => assert.deepEqual(speeds(page), expected));

/** Opens the page in a browser that is signed in, which means: with the cookie. */
async function open(name) {
  const page = new FrontEnd(edge.url, `access_token=${member(name)}`);
  await eventually(() => page.sessions.length > 0, `the session of ${name}`);
  return page;
}

let early;

test('the old server serves the front end', async () => {
  early = await open('early');
  assert.equal(early.sessions[0].user, 'user of early');
  assert.equal(await drive(), 1, 'the old server hears the channel');
  await told(early, 1);
});

let late;

test('both run side by side, and each client hears everything once', async () => {
  gateway = await Gateway.start(['--drop-in', '--redis', redis.url]);
  edge.sockets = gateway.port;
  late = await open('late');
  assert.equal(late.sessions[0].user, 'user of late', 'the same cookie is good for both');
  assert.equal(await drive(), 2, 'both hear the channel');
  await told(early, 1, 2);
  await told(late, 2);
});

test('an id given out by one server means nobody at the other', async () => {
  const alert = (text, page) => publish({
    message_type: 'maintenance_alert', notification: {text}, socket_id: page.id});
  await alert('for early', early);
  await alert('for late', late);
  await eventually(() => early.alerts.length && late.alerts.length, 'both alerts');
  await drive();
  await told(late, 2, 3);
  await told(early, 1, 2, 3);
  assert.deepEqual(early.alerts.map((one) => one.text), ['for early']);
  assert.deepEqual(late.alerts.map((one) => one.text), ['for late']);
});

test('the application keeps its other routes, and clients move by themselves', async () => {
  await old.stop();
  const rest = new Program('old_server.py', {...environment, SOCKETS: 'off'});
  edge.application = await rest.port();
  await eventually(() => early.sessions.length === 2, 'the front end to come back');
  assert.equal(early.reasons.length, 1);
  assert.equal(await drive(), 1, 'only Trackwire hears the channel');
  await told(early, 1, 2, 3, 4);
  await told(late, 2, 3, 4);
  const fleet = await (await fetch(`${edge.url}/api/fleet`)).json();
  assert.deepEqual(fleet, {vans: 3});
});

test('a gateway that dies loses nothing for the unchanged front end', async () => {
  await gateway.kill();
  // Nobody hears the channel now; the durable inbox takes it.
  number += 1;
  await redis.ask('XADD', 'socket:notification:inbox', '*', 'envelope', JSON.stringify({
    message_type: 'tracker_location_updated',
    notification: {tracker_id: 'van-1', latitude: 48.9, longitude: 2.3, speed: number},
  }));
  await gateway.restart();
  await told(early, 1, 2, 3, 4, 5);
  await told(late, 2, 3, 4, 5);
  assert.equal(early.socket.recovered, true);
  early.close();
  late.close();
});
