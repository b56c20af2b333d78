import { IPCError } from '../../entities/errors.js';
import type { Name, Payload } from '../../entities/events.js';
import { eventName, isControl } from '../../entities/packet.js';
import { escapeText } from '../../entities/text.js';
import type { EventOptions } from '../../lib/emitter.js';
import type { Arguments } from './receiver.js';

/** A message that was not delivered, because its receiver has left for good or because this channel was closed. */
export interface Undelivered {
  /**
   * The number or name that it was sent to, or the id of a run that had left before. A message to all is reported once for
   * each receiver.
   */
  to: number | string;
  /** The name of the event. */
  event: string;
  /** The values that were sent. */
  data: unknown[];
  /** The reason. */
  error: IPCError;
}

/** The lifecycle events of a channel; all other events come from members. */
export interface ChannelEvents {
  /** The channel has opened. Emitted once, not again after a hub was replaced. */
  connect(): void;
  /** The channel has closed for good. */
  disconnect(): void;
  /** An error occurred. The channel continues if it can. */
  error(error: IPCError): void;
  /** Another member joined; the last argument is the id of its run. */
  join(peer: number, name?: string, id?: string): void;
  /** Another member left. */
  leave(peer: number, name?: string, id?: string): void;
  /** A hub admitted this member: the first one, and later each one that replaced it. */
  hub(peer: number): void;
  /** A message was not and will not be delivered: its receiver has left for good, or this channel was closed. */
  undelivered(message: Undelivered): void;
}

/** The type of a handler of an event. */
export type ChannelHandler<Contract, Type extends string> = Type extends keyof ChannelEvents
  ? ChannelEvents[Type]
  : (sender: number, ...data: Arguments<Payload<Contract, Type>>) => unknown;

/** A handler, or a schema option and a handler. Data with a schema is a single value. */
export type ChannelHandlerArguments<Contract, Type extends string, Input> =
  | [handler: ChannelHandler<Contract, Type>]
  | [options: EventOptions<Input>, handler: (sender: number, data: Input) => unknown];

/** The event names of a channel. */
export type ChannelEvent<Contract> = Name<Contract> | keyof ChannelEvents | 'message' | '*';

const RESERVED = new Set(['connect', 'disconnect', 'error', 'join', 'leave', 'hub', 'undelivered', '*']);

/** The maximum number of values in a message: each becomes an argument of the handlers. */
export const MOST_VALUES = 1000;

/** Whether a name is that of a lifecycle event, which a member must not emit on another member. */
export function isOwnEvent(name: string): boolean {
  return RESERVED.has(name) || isControl(name);
}

/**
 * Checks a message to send.
 * @returns the name of its event
 * @throws IPCError ERR_IPC_ARGUMENT
 */
export function messageName(event: string, data: readonly unknown[]): string {
  if (isOwnEvent(eventName(event))) {
    const message = `${JSON.stringify(event)} is an event of the channel itself; send under another name.`;
    throw new IPCError('ERR_IPC_ARGUMENT', message);
  }
  if (data.length > MOST_VALUES) {
    const message = `The message ${JSON.stringify(event)} has ${data.length} values; at most ${MOST_VALUES} are allowed. Send them as one array.`;
    throw new IPCError('ERR_IPC_ARGUMENT', message);
  }
  return event;
}

/** The error of a call on a closed channel. */
export function channelClosed(): IPCError {
  return new IPCError('ERR_IPC_CLOSED', 'The channel is closed for good; make a new Channel to continue.');
}

/** The error of a packet that no member running this library would send. */
export function protocolBroken(member: number, what: string): IPCError {
  return new IPCError('ERR_IPC_PROTOCOL', `Member ${member} sent ${what}; it is ignored.`);
}

/** The error of a received message with the name of a lifecycle event. */
export function ownEventReceived(name: string, member: number): IPCError {
  const message = `Member ${member} sent "${escapeText(name)}", which is an event of the channel itself; it is ignored.`;
  return new IPCError('ERR_IPC_RESERVED', message);
}
