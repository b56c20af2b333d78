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
  /** The path of the certificate of the CA that signed all but `stranger`. */
  ca: string;
  /** Good for localhost, 127.0.0.1 and ::1. */
  server: Pair;
  client: Pair;
  /** A server's whose time is over. */
  expired: Pair;
  /** A server's, good for another host than this one. */
  wrongHost: Pair;
  /** Good for localhost and as a client's, but signed by another CA. */
  stranger: Pair;
}

const here = ['localhost', '127.0.0.1', '::1'];
let made: ReturnType<typeof make> | undefined;

/** Writes the specs' certificates into a fresh directory. They are made once a run: keys take their time. */
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
