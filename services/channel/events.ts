import { IPCError } from '../../entities/errors.js';
import type { Name, Payload } from '../../entities/events.js';
import { eventName, isControl } from '../../entities/packet.js';
import { escapeText } from '../../entities/text.js';
import type { EventOptions } from '../../lib/emitter.js';
import type { Arguments } from './receiver.js';

/** A message that a peer did not get, because it is gone for good, or because this channel was closed. */
export interface Undelivered {
  /** The number or name it was sent to; one of them each, where it was sent to all. */
  to: number | string;
  event: string;
  data: unknown[];
  error: IPCError;
}

/** What happens to a channel by itself; everything else is what peers send. */
export interface ChannelEvents {
  /** It is on the channel: once, also when hubs come and go later. */
  connect(): void;
  /** It has left for good. */
  disconnect(): void;
  /** Something went wrong. The channel goes on where it can. */
  error(error: IPCError): void;
  /** Another peer has come; the last argument is the id of its run. */
  join(peer: number, name?: string, id?: string): void;
  /** Another peer is gone. */
  leave(peer: number, name?: string, id?: string): void;
  /** A hub has let this peer in: the first, and after each take-over the next. */
  hub(peer: number): void;
  /** A message was not delivered, and will not be: its receiver is gone for good, or this channel was closed. */
  undelivered(message: Undelivered): void;
}

/** How a handler of one event looks. */
export type ChannelHandler<Contract, Type extends string> = Type extends keyof ChannelEvents
  ? ChannelEvents[Type]
  : (sender: number, ...data: Arguments<Payload<Contract, Type>>) => unknown;

/** A handler, or how what is sent is checked and the handler. Data that are checked are one value. */
export type ChannelHandlerArguments<Contract, Type extends string, Input> =
  | [handler: ChannelHandler<Contract, Type>]
  | [options: EventOptions<Input>, handler: (sender: number, data: Input) => unknown];

/** The event names that a channel knows. */
export type ChannelEvent<Contract> = Name<Contract> | keyof ChannelEvents | 'message' | '*';

const RESERVED = new Set(['connect', 'disconnect', 'error', 'join', 'leave', 'hub', 'undelivered', '*']);

/** So many values a message may have: each is an argument of its handlers. */
export const MOST_VALUES = 1000;

/** Whether a name is that of an event of the channel itself, which no member may trigger in another one. */
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

/** Of what is asked of a channel that was closed. */
export function channelClosed(): IPCError {
  return new IPCError('ERR_IPC_CLOSED', 'The channel is closed, and stays so; make a new Channel to go on.');
}

/** Of a member that sends what no member of this library sends. */
export function protocolBroken(member: number, what: string): IPCError {
  return new IPCError('ERR_IPC_PROTOCOL', `Member ${member} sent ${what}; it is ignored.`);
}

/** Of a member that sends a message under such a name. */
export function ownEventReceived(name: string, member: number): IPCError {
  const message = `Member ${member} sent "${escapeText(name)}", which is an event of the channel itself; it is ignored.`;
  return new IPCError('ERR_IPC_RESERVED', message);
}
