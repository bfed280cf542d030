import {createHmac} from 'node:crypto';

/** What the gateways of these tests are started with unless they make a secret of their own. */
export const secret = 'a secret that only these tests know';

const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

export function token(claims = {}, {key = secret, header = {alg: 'HS256', typ: 'JWT'}} = {}) {
  const exp = Math.floor(Date.now() / 1000) + 3600;
  const input = `${encode(header)}.${encode({sub: 'somebody', exp, ...claims})}`;
  return `${input}.${createHmac('sha256', key).update(input).digest('base64url')}`;
}

export const admin = () => token({sub: 'root', role: 'admin'});
export const publisher = () => token({sub: 'feed', permissions: ['notifications:publish']});
export const member = (...clients) => token({sub: `user of ${clients}`, role: 'user', clients});
