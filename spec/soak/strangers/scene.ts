import type { Client } from '../../../lib/client.js';
import type { Settings } from '../../support/instances.js';
import { type Over, type Report, Target, type TargetOptions } from '../target.js';
import { Witness } from '../witness.js';

/** The credentials of well-behaved clients, if a server requires any. */
export const SECRET = 'open sesame';

/** The cost of an attack for a server and its other clients. */
export interface Cost {
  /** Processor time in milliseconds. */
  readonly processor: number;
  /** The growth of held memory, and the greatest growth of resident memory, in mebibytes. */
  readonly held: number;
  readonly resident: number;
  /** The longest round trip of another client, in milliseconds. */
  readonly slowest: number;
  /** Characters of log. */
  readonly logged: number;
  readonly report: Report;
}

/** Attacks a server in a separate process while another client uses it, and returns the cost. */
export async function costOf(
  options: Partial<TargetOptions> & { over?: Over; settings?: Settings },
  attack: (target: Target, client: Client) => Promise<void>,
): Promise<Cost> {
  const { over = 'local', secret } = options;
  const target = await new Target(over, { settings: {}, logs: true, ...options }).start();
  const settings = secret === undefined ? {} : { credentials: secret };
  const client = await target.connect(settings).ready();
  client.handle('answer', (number: number) => number + 1);
  const witness = await new Witness(target.connect(settings)).start();
  const before = await target.report(client);
  await attack(target, client);
  await witness.check('the attack');
  const report = await target.report(client);
  await witness.stop();
  witness.client.destroy();
  client.destroy();
  await target.stop();
  return {
    processor: Math.round(report.processor - before.processor),
    held: round(report.held - before.held),
    resident: round(Math.max(0, report.peak - before.peak)),
    slowest: witness.slowest,
    logged: report.logged - before.logged,
    report,
  };
}

function round(mebibytes: number): number {
  return Math.round(mebibytes * 10) / 10;
}
