// @ts-check
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import forge from 'node-forge';

const { pki } = forge;
const day = 24 * 60 * 60 * 1000;

/** @typedef {{ key: string, cert: string }} Pair a private key and its certificate: PEM texts or paths */

/**
 * Makes a certificate authority of one's own, good for trials. Real ones keep the key of theirs elsewhere.
 * @param {string} name
 * @returns {Pair} PEM texts
 */
export function makeAuthority(name) {
  return certify({ name, extensions: [{ name: 'basicConstraints', cA: true, critical: true }] });
}

/**
 * Makes a key, and has the authority sign a certificate for it.
 * @param {Pair} authority PEM texts
 * @param {string} name
 * @param {{ hosts?: string[], days?: number }} [options] hosts: the names and IP addresses it is valid for;
 * days: how long from now, 3650 by default; below zero it is over already
 * @returns {Pair} PEM texts
 */
export function issue(authority, name, { hosts = [], days = 3650 } = {}) {
  const altNames = hosts.map((host) => (isIP(host) ? { type: 7, ip: host } : { type: 2, value: host }));
  const extensions = [
    { name: 'extKeyUsage', serverAuth: true, clientAuth: true },
    ...(hosts.length > 0 ? [{ name: 'subjectAltName', altNames }] : []),
  ];
  return certify({ name, extensions, days, authority });
}

/**
 * Gives the paths of a CA's certificate, and of a server's and a client's key and certificate that it has
 * signed. Those that are missing are made: the keys are nobody's secret, so use them for trials only.
 * @param {string} [directory] where they are
 * @returns {Promise<{ ca: string, server: Pair, client: Pair }>} paths
 */
export async function certificates(directory = fileURLToPath(new URL('.certificates', import.meta.url))) {
  if (!existsSync(directory)) makeCertificates(directory);
  const pair = (/** @type {string} */ name) => ({
    key: join(directory, `${name}.key.pem`),
    cert: join(directory, `${name}.cert.pem`),
  });
  return { ca: join(directory, 'ca.cert.pem'), server: pair('server'), client: pair('client') };
}

/** All at once or not at all: a server and a client that start together must not mix two sets. */
function makeCertificates(/** @type {string} */ directory) {
  const authority = makeAuthority('A CA for trials');
  const server = issue(authority, 'server', { hosts: ['localhost', '127.0.0.1', '::1'] });
  const client = issue(authority, 'client');
  mkdirSync(dirname(directory), { recursive: true });
  const draft = mkdtempSync(`${directory}-`);
  writeFileSync(join(draft, 'ca.cert.pem'), authority.cert);
  for (const [name, pair] of Object.entries({ server, client })) {
    writeFileSync(join(draft, `${name}.key.pem`), pair.key, { mode: 0o600 });
    writeFileSync(join(draft, `${name}.cert.pem`), pair.cert);
  }
  try {
    renameSync(draft, directory);
  } catch (failure) {
    rmSync(draft, { recursive: true });
    if (!existsSync(directory)) throw failure; // else another process was quicker
  }
}

/**
 * @param {{ name: string, extensions: object[], days?: number, authority?: Pair }} what signed by itself
 * without an authority
 * @returns {Pair} PEM texts
 */
function certify({ name, extensions, days = 3650, authority }) {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  const subject = [{ name: 'commonName', value: name }];
  const certificate = pki.createCertificate();
  certificate.publicKey = pki.publicKeyFromPem(publicKey);
  certificate.serialNumber = `01${randomBytes(15).toString('hex')}`; // the first byte keeps it positive
  const end = Date.now() + days * day;
  certificate.validity.notBefore = new Date(Math.min(Date.now(), end) - day);
  certificate.validity.notAfter = new Date(end);
  certificate.setSubject(subject);
  certificate.setIssuer(authority ? pki.certificateFromPem(authority.cert).subject.attributes : subject);
  certificate.setExtensions(extensions);
  certificate.sign(pki.privateKeyFromPem(authority?.key ?? privateKey), forge.md.sha256.create());
  return { key: privateKey, cert: pki.certificateToPem(certificate) };
}
