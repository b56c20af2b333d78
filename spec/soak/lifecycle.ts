import { freshCertificates } from '../support/certificates.js';
import { freshDirectory } from '../support/places.js';
import { start } from '../support/processes.js';
import { type Figures, hold, within } from './promise.js';

/** The settings of the program that runs the cycles. */
export interface CycleOptions {
  cycles: number;
  directory: string;
  tls: { private: string; public: string };
}

/** The time in milliseconds within which a process without work must exit. */
const LINGER = 60_000;

/**
 * Starts and stops servers and clients. No handle, listener, timer or memory remains, and the process exits by itself.
 */
export async function soak({ cycles = 1000 } = {}): Promise<Figures> {
  const { server } = freshCertificates();
  const tls = { private: server.key, public: server.cert };
  const options: CycleOptions = { cycles, directory: freshDirectory(), tls };
  const program = start('spec/soak/programs/cycles.ts', [JSON.stringify(options)]);
  const end = Promise.race([program.waitForLine(/^done$/, 3_600_000), program.exited]);
  await end;
  const since = performance.now();
  const { code } = await within(LINGER, 'the process to end by itself', program.exited);
  hold(code === 0, `the process ended with ${code}:\n${program.stdout}${program.stderr}`);
  const lines = program.stdout.trim().split('\n').slice(0, -1);
  const figures: Figures = Object.fromEntries(lines.map((line) => line.split(': ') as [string, string]));
  figures.exit_ms = Math.round(performance.now() - since);
  return figures;
}
