import { IPCError } from '../../entities/errors.js';
import type { PendingMessage } from './member-queue.js';
import { isGroup } from './members.js';

/** A message was for one run of a member, which has ended. */
export function gone(who: number | string): IPCError {
  const message = `Member ${JSON.stringify(who)} left before it received the message, which was for this run alone.`;
  return new IPCError('ERR_IPC_UNDELIVERED', message);
}

/** Nobody came in time for a message. */
export function absent({ to }: Pick<PendingMessage, 'to'>): IPCError {
  let who = `Member ${JSON.stringify(to)} did not join, or left and did not return,`;
  if (isGroup(to)) who = `No member of ${JSON.stringify(to)} came`;
  return new IPCError(
    'ERR_IPC_UNDELIVERED',
    `${who} within the absence timeout; the message was not delivered.`,
  );
}
