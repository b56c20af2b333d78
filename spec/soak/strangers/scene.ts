import type { Client } from '../../../lib/client.js';
import type { Settings } from '../../support/instances.js';
import { type Over, type Report, Target, type TargetOptions } from '../target.js';
import { Witness } from '../witness.js';

/** The credentials that the clients of good will show where they are asked for. */
export const SECRET = 'open sesame';

/** What an attack has cost a server and its other clients. */
export interface Cost {
  /** Milliseconds of processor. */
  readonly processor: number;
  /** Mebibytes held more than before, and resident more than before at most. */
  readonly held: number;
  readonly resident: number;
  /** The longest that a number of another client took, in milliseconds. */
  readonly slowest: number;
  /** Characters of log. */
  readonly logged: number;
  readonly report: Report;
}

/** Attacks a server in a process of its own while another client talks to it, and says what that has cost. */
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
