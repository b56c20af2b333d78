import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { connect, createServer, type TLSSocket } from 'node:tls';
import { certificates } from '../../example/certificates.js';
import { afterwards } from './afterwards.js';
import { type Certificates, freshCertificates, type Pair } from './certificates.js';
import { once } from './events.js';
import { freshDirectory } from './places.js';

describe('Certificates', () => {
  let files: Certificates;

  beforeAll(() => {
    files = freshCertificates();
  });

  it('make a server and a client of one CA trust each other', async () => {
    expect(await shakeHands(files.ca, files.server, files.client)).toBe('authorized');
  });

  it('include one of an expired server', async () => {
    expect(await shakeHands(files.ca, files.expired, files.client)).toBe('CERT_HAS_EXPIRED');
  });

  it('include one of another host', async () => {
    expect(await shakeHands(files.ca, files.wrongHost, files.client)).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
  });

  it('include a server and a client of another CA', async () => {
    expect(await shakeHands(files.ca, files.stranger, files.client)).toBe('UNABLE_TO_VERIFY_LEAF_SIGNATURE');
    expect(await shakeHands(files.ca, files.server, files.stranger)).toBe('UNABLE_TO_VERIFY_LEAF_SIGNATURE');
  });

  it('are made for the examples once, however many ask for them', async () => {
    const directory = `${freshDirectory()}/certificates`;
    const [first, second] = await Promise.all([certificates(directory), certificates(directory)]);
    expect(second).toEqual(first);
    const before = readFileSync(first.server.key, 'utf8');
    await certificates(directory);
    expect(readFileSync(first.server.key, 'utf8')).toBe(before);
    expect(await shakeHands(first.ca, first.server, first.client)).toBe('authorized');
  });
});

/** Connects two sides that trust the same CA. Returns 'authorized', or the code of the error. */
async function shakeHands(caFile: string, serverFiles: Pair, clientFiles: Pair): Promise<unknown> {
  const ca = readFileSync(caFile);
  const server = createServer({ ...read(serverFiles), ca, requestCert: true, rejectUnauthorized: false });
  server.listen(0, 'localhost');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const client = connect({ ...read(clientFiles), ca, host: 'localhost', port });
  afterwards(() => {
    client.destroy();
    return server.close();
  });
  const welcomed = once<[TLSSocket]>(server, 'secureConnection');
  const refused = once<[NodeJS.ErrnoException]>(client, 'error').then(([error]) => error.code);
  const judged = welcomed.then(([socket]) => (socket.authorized ? 'authorized' : socket.authorizationError));
  return Promise.race([refused, judged]);
}

function read(files: Pair): { key: Buffer; cert: Buffer } {
  return { key: readFileSync(files.key), cert: readFileSync(files.cert) };
}
