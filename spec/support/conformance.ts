import { conform } from '../../cli/conform/conform.js';
import { Program, type Role } from '../../cli/conform/target.js';

/** The longest frame, in bytes, that the programs of the specs accept. */
export const MAX_SIZE = 2 * 1024 * 1024;

/** The result of a program without faults. */
export const FLAWLESS = { events: [], requests: [], topics: [], streams: [], 'hostile input': [] };

/** The result of a program without faults that does not support streams. */
export const FLAWLESS_WITHOUT_STREAMS = { ...FLAWLESS, streams: ['not supported'] };

/**
 * Returns the faults that `omni-ipc conform` finds in a program, by level.
 * @param command the command of the program, in which `{address}` and `{role}` are replaced
 */
export async function faultsOf(
  role: Role,
  command: readonly string[],
  { tcp = false, maxSize = MAX_SIZE, timeout = 30_000 } = {},
): Promise<Record<string, string[]>> {
  const faults: Record<string, string[]> = {};
  const target = await Program.start(role, command, tcp);
  await conform(target, { timeout, maxSize, levels: [] }, ({ level, unsupported, results }) => {
    const failed = results.filter(({ outcome }) => outcome === 'failed');
    faults[level] =
      unsupported === undefined ? failed.map(({ name, why }) => `${name}: ${why}`) : ['not supported'];
  });
  return faults;
}
