// Users of the program under test: made by its command line, signed in over HTTP.

import {request} from 'node:http';

import {run} from './gateway.mjs';
import {eventually} from './wait.mjs';

/** Runs `trackwire user …` beside a gateway; `input` is what its standard input says. */
export function user(gateway, args, input) {
  return run(['user', ...args], {cwd: gateway.directory, input});
}

/** Adds a user; fails when the program does not. */
export async function addUser(gateway, name, password, args = []) {
  const {code, stderr} = await user(gateway, ['add', name, ...args], `${password}\n`);
  if (code !== 0) throw new Error(`user add ended with ${code}: ${stderr}`);
}

/**
 * A request whose headers are all as given, Host and Cookie too, which fetch() keeps for itself.
 * Gives {status, headers, cookies, body}.
 */
export function ask(gateway, path, {method = 'GET', headers = {}, body} = {}) {
  return new Promise((resolve, reject) => {
    const outgoing = request(gateway.url + path, {method, headers}, (incoming) => {
      let text = '';
      incoming.setEncoding('utf8');
      incoming.on('data', (chunk) => (text += chunk));
      incoming.on('end', () => {
        const json = incoming.headers['content-type'] === 'application/json';
        resolve({
          status: incoming.statusCode,
          headers: incoming.headers,
          cookies: incoming.headers['set-cookie'] ?? [],
          body: json ? JSON.parse(text) : text,
        });
      });
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

/** POSTs a value as JSON. */
export function postJson(gateway, path, value, headers = {}) {
  return ask(gateway, path, {
    method: 'POST',
    headers: {'content-type': 'application/json', ...headers},
    body: JSON.stringify(value),
  });
}

export function login(gateway, name, password, more = {}, headers = {}) {
  return postJson(gateway, '/api/login', {user: name, password, ...more}, headers);
}

/** A token of a user, as soon as the gateway knows the name and the password. */
export async function tokenOf(gateway, name, password) {
  const answer = await eventually(async () => {
    const tried = await login(gateway, name, password, {cookie: false});
    return tried.status === 200 && tried;
  }, `${name} to be let in`);
  return answer.body.token;
}

export async function me(gateway, token) {
  const {body} = await ask(gateway, '/api/me', {headers: {authorization: `Bearer ${token}`}});
  return body.session;
}
