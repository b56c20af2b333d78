import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { issue, makeAuthority } from '../../example/certificates.js';
import { freshDirectory } from './places.js';

/** The paths of a private key and of its certificate. */
export interface Pair {
  key: string;
  cert: string;
}

export interface Certificates {
  /** The path of the certificate of the CA that signed all except `stranger`. */
  ca: string;
  /** Valid for localhost, 127.0.0.1 and ::1. */
  server: Pair;
  client: Pair;
  /** An expired certificate of a server. */
  expired: Pair;
  /** The certificate of a server, valid for another host. */
  wrongHost: Pair;
  /** Valid for localhost and for clients, but signed by another CA. */
  stranger: Pair;
}

const here = ['localhost', '127.0.0.1', '::1'];
let made: ReturnType<typeof make> | undefined;

/** Writes the certificates of the specs into a fresh directory. They are created once per run, because keys take long. */
export function freshCertificates(): Certificates {
  made ??= make();
  const { ca, ...pairs } = made;
  const directory = freshDirectory();
  const write = (name: string, text: string) => {
    const path = join(directory, `${name}.pem`);
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  };
  const writePair = (name: keyof typeof pairs): Pair => ({
    key: write(`${name}.key`, pairs[name].key),
    cert: write(`${name}.cert`, pairs[name].cert),
  });
  return {
    ca: write('ca', ca.cert),
    server: writePair('server'),
    client: writePair('client'),
    expired: writePair('expired'),
    wrongHost: writePair('wrongHost'),
    stranger: writePair('stranger'),
  };
}

function make() {
  const ca = makeAuthority('CA');
  return {
    ca,
    server: issue(ca, 'server', { hosts: here }),
    client: issue(ca, 'client'),
    expired: issue(ca, 'expired', { hosts: here, days: -1 }),
    wrongHost: issue(ca, 'wrong host', { hosts: ['elsewhere.example'] }),
    stranger: issue(makeAuthority('Another CA'), 'stranger', { hosts: here }),
  };
}
