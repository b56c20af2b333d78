import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Creates a key and a certificate for this run only, and returns their paths. */
export async function certificate(dir) {
  const { generate } = await import('selfsigned');
  const { private: secret, cert } = await generate([{ name: 'commonName', value: 'localhost' }], {
    keySize: 2048,
  });
  const files = { key: join(dir, 'key.pem'), cert: join(dir, 'cert.pem') };
  writeFileSync(files.key, secret, { mode: 0o600 });
  writeFileSync(files.cert, cert);
  return files;
}
