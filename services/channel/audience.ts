import { IPCError } from '../../entities/errors.js';
import { inspect } from '../../entities/inspect.js';
import { brief } from '../../entities/suggest.js';
import { groupAddress, type Member, type Members } from './members.js';

/** The receivers of a message: a number, name or group; the members at the moment of sending; or certain runs of members. */
export type Audience = number | string | (() => readonly Member[]) | Runs;

/** Certain runs of members, and none that replace them. */
export interface Runs {
  /** Their ids. */
  readonly runs: readonly string[];
}

/** One run of a member: an entry of `channel.members`, or an object with its id. */
export interface Run {
  /** The id of the run. */
  readonly id: string;
}

/**
 * The audience that a user names in `channel.to(...)`.
 * @throws IPCError ERR_IPC_ARGUMENT
 */
export function audienceOf(receiver: unknown, members: Members): Audience {
  if (receiver === 'all') return () => members.all;
  if (typeof receiver === 'object' && receiver !== null) return { runs: runsOf(receiver) };
  if (typeof receiver === 'string' && receiver !== '' && receiver !== groupAddress('')) return receiver;
  if (Number.isSafeInteger(receiver) && (receiver as number) > 0) return receiver as number;
  const message = `to(${brief(receiver)}) names no member; give its number, from 1, its name, 'group:NAME' or 'all'.`;
  throw new IPCError('ERR_IPC_ARGUMENT', message);
}

export function isRuns(audience: Audience): audience is Runs {
  return typeof audience === 'object';
}

/**
 * Checks that an audience is a single member, or one member of a group, as requests require.
 * @throws IPCError ERR_IPC_ARGUMENT
 */
export function checkOne(audience: Audience): void {
  const several = isRuns(audience) ? audience.runs.length !== 1 : typeof audience === 'function';
  if (!several) return;
  throw new IPCError(
    'ERR_IPC_ARGUMENT',
    'A request goes to exactly one member; send it to a number, a name, a group, or one of channel.members.',
  );
}

/** @throws IPCError ERR_IPC_ARGUMENT */
function runsOf(receiver: object): string[] {
  return [receiver].flat().map((run) => {
    const { id } = (run ?? {}) as Partial<Run>;
    if (typeof id === 'string' && id !== '') return id;
    const message = `${inspect(run, { depth: 0 })} is not a member; give one or several of channel.members.`;
    throw new IPCError('ERR_IPC_ARGUMENT', message);
  });
}
