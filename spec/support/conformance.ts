import { conform } from '../../cli/conform/conform.js';
import { Program, type Role } from '../../cli/conform/target.js';

/** Bytes of the longest frame that the programs of the specs take. */
export const MAX_SIZE = 2 * 1024 * 1024;

/** What a program that does everything right comes to. */
export const FLAWLESS = { events: [], requests: [], topics: [], streams: [], 'hostile input': [] };

/** The same of a program that speaks no streams. */
export const FLAWLESS_WITHOUT_STREAMS = { ...FLAWLESS, streams: ['not spoken'] };

/**
 * What `omni-ipc conform` finds wrong with a program, by level.
 * @param command `{address}` and `{role}` in it are replaced
 */
export async function faultsOf(
  role: Role,
  command: readonly string[],
  { tcp = false, maxSize = MAX_SIZE, timeout = 5000 } = {},
): Promise<Record<string, string[]>> {
  const faults: Record<string, string[]> = {};
  const target = await Program.start(role, command, tcp);
  await conform(target, { timeout, maxSize, levels: [] }, ({ level, unspoken, results }) => {
    const failed = results.filter(({ outcome }) => outcome === 'failed');
    faults[level] =
      unspoken === undefined ? failed.map(({ name, why }) => `${name}: ${why}`) : ['not spoken'];
  });
  return faults;
}
