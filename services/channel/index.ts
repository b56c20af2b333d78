import { Channel } from './channel.js';

export { IPCError } from '../../entities/errors.js';
export type { Run } from './audience.js';
export { Channel, type ChannelMember } from './channel.js';
export type {
  ChannelEvent,
  ChannelEvents,
  ChannelHandler,
  ChannelHandlerArguments,
  Undelivered,
} from './events.js';
export type { ChannelInspection, InspectOptions, MemberInspection } from './inspection.js';
export type { NatsOptions } from './nats-options.js';
export type { ChannelOptions } from './options.js';
export { type AskOptions, type MemberStreamOptions, Receiver, Receiver as Message } from './receiver.js';

/**
 * The default channel. Reading `connected`, `pid`, `hub` or `peers` opens it, too: in the original API a process becomes a
 * member by importing the module, so a program that only asks whether it is connected expects to be a member. Importing the
 * module alone does not open it, since the program may only use {@link Channel}.
 */
class DefaultChannel extends Channel {
  override get connected(): boolean {
    this.open();
    return super.connected;
  }

  override get pid(): number | undefined {
    this.open();
    return super.pid;
  }

  override get hub(): number | undefined {
    this.open();
    return super.hub;
  }

  override get peers(): number[] {
    this.open();
    return super.peers;
  }
}

/** The default channel, shared by all processes of this user with the same entry file. */
export const channel: Channel = new DefaultChannel();

export default channel;
