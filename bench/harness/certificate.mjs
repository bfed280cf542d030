// A certificate for one run.
import {execFileSync} from 'node:child_process';
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

/** @returns {{certificate: string, key: string, remove: () => void}} PEM files for 127.0.0.1 */
export function makeCertificate() {
  const folder = mkdtempSync(join(tmpdir(), 'trackwire-bench-tls-'));
  const remove = () => rmSync(folder, {recursive: true, force: true});
  const certificate = join(folder, 'certificate.pem');
  const key = join(folder, 'key.pem');
  try {
    execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt',
      'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-subj', '/CN=localhost', '-addext',
      'subjectAltName=IP:127.0.0.1,DNS:localhost', '-keyout', key, '-out', certificate],
    {stdio: ['ignore', 'ignore', 'pipe']});
    return {certificate, key, remove};
  } catch (error) {
    remove();
    throw error;
  }
}
