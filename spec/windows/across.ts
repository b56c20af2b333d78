import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { issue, makeAuthority } from '../../example/certificates.js';
import { freePort } from '../support/network.js';
import { inProject } from '../support/project.js';
import type { Wine } from './wine.js';

/** The time limit of one conversation, in minutes. */
const LIMIT = 1;

/**
 * Runs conversations between Node of this system and Node for Windows over TCP and TLS, each as the server and as the client.
 * @returns 0, or 1 if one of the conversations failed
 */
export async function talkAcross(wine: Wine, node: string): Promise<number> {
  const directory = mkdtempSync(join(tmpdir(), 'oi-across-'));
  let failures = 0;
  try {
    const certificates = writeCertificates(directory);
    for (const over of ['TCP', 'TLS']) {
      for (const windows of ['client', 'server'] as const) {
        const port = String(await freePort());
        const here = partner(windows === 'client' ? 'server' : 'client', port, over, certificates);
        console.log(`\nOver ${over}, with Windows as the ${windows}:`);
        const there = await wine.run(node, here.program(windows), LIMIT);
        const code = await here.ended();
        if (code === 0 && there.code === 0) continue;
        console.log(`The conversation failed: exit code ${code} here, ${there.code} on Windows.`);
        failures++;
      }
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
  return failures === 0 ? 0 : 1;
}

/** Starts one side on this system. */
function partner(role: string, port: string, over: string, certificates: string[]) {
  const script = inProject('.build', 'spec', 'windows', 'partner.js');
  const program = (side: string) => [script, side, port, ...(over === 'TLS' ? certificates : [])];
  const child = spawn(process.execPath, program(role), { stdio: 'inherit', timeout: LIMIT * 60_000 });
  const exited = once(child, 'exit');
  return { program, ended: async () => (await exited)[0] as number | null };
}

/** Returns the paths of the certificate of a CA, and of a key and a certificate for both sides. */
function writeCertificates(directory: string): string[] {
  const authority = makeAuthority('CA');
  const pair = issue(authority, 'partner', { hosts: ['localhost', '127.0.0.1', '::1'] });
  const texts = { ca: authority.cert, key: pair.key, cert: pair.cert };
  return Object.entries(texts).map(([name, text]) => {
    const path = join(directory, `${name}.pem`);
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  });
}
