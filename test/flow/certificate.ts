import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Of a server that desks reach over a network: off loopback they insist on TLS. */
export interface Certificate {
  readonly certFile: string;
  readonly keyFile: string;
  readonly cert: string;
  readonly key: string;
}

/** Where clients of other hosts reach a server, and with what it proves itself to them. */
export interface Abroad {
  readonly address: string;
  readonly certificate: Certificate;
}

/** Signed by itself; whoever is to believe it names `certFile` in NODE_EXTRA_CA_CERTS. Needs the openssl command. */
export async function makeCertificate(folder: string, address: string): Promise<Certificate> {
  const certFile = join(folder, 'server-cert.pem');
  const keyFile = join(folder, 'server-key.pem');
  await promisify(execFile)('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'],
    ...['-subj', `/CN=${address}`, '-addext', `subjectAltName=IP:${address}`],
    ...['-keyout', keyFile, '-out', certFile],
  ]);
  const [cert, key] = await Promise.all([readFile(certFile, 'utf8'), readFile(keyFile, 'utf8')]);
  return { certFile, keyFile, cert, key };
}
