import type { IPCError } from '../../entities/errors.js';
import { MESSAGE, type Meta, type Packet, withMeta } from '../../entities/packet.js';
import type { ItemStream } from '../../lib/conversations/item-stream.js';
import { suppressUnhandled } from '../../lib/promises.js';
import type { Audience } from './audience.js';
import { messageName } from './events.js';
import type { MemberCalls } from './member-calls.js';
import type { Participant } from './participant.js';
import type { AskOptions, MemberStreamOptions, Sender } from './receiver.js';

/**
 * Sends the messages of a channel. If the channel is closed or its queue is full, the error is reported and `send` and
 * `publish` return false. They throw if the message itself is invalid.
 */
export class MessageSender implements Sender {
  readonly #participant: Participant;
  readonly #calls: MemberCalls;
  readonly #failed: (error: IPCError) => void;

  constructor(participant: Participant, calls: MemberCalls, failed: (error: IPCError) => void) {
    this.#participant = participant;
    this.#calls = calls;
    this.#failed = failed;
  }

  send(audience: Audience, event: string, data: unknown[], meta?: Meta): boolean {
    return this.#send(audience, withMeta({ type: messageName(event, data), data }, meta));
  }

  deliver(audience: Audience, event: string, data: unknown[], meta?: Meta): Promise<void> {
    return suppressUnhandled(
      new Promise((resolve, reject) => {
        const packet = withMeta({ type: messageName(event, data), data }, meta);
        const { over } = this.#participant;
        if (over !== undefined) throw over;
        this.#participant.outgoing.send(audience, packet, { left: 1, resolve, reject });
      }),
    );
  }

  publish(topic: string, data: unknown, meta?: Meta): boolean {
    const { members } = this.#participant;
    const packet = withMeta({ type: MESSAGE, data: { topic, data } }, meta);
    const taken = this.#send(() => members.subscribers(topic), packet);
    if (taken) this.#participant.publish(topic, data);
    return taken;
  }

  request(audience: Audience, event: string, data: unknown, options: AskOptions): Promise<unknown> {
    return this.#calls.request(audience, event, data, options);
  }

  stream(audience: Audience, event: string, data: unknown, options: MemberStreamOptions): ItemStream {
    return this.#calls.stream(audience, event, data, options);
  }

  #send(audience: Audience, packet: Packet): boolean {
    const { over } = this.#participant;
    if (over !== undefined) {
      this.#failed(over);
      return false;
    }
    try {
      this.#participant.outgoing.send(audience, packet);
      return true;
    } catch (error) {
      if ((error as IPCError).code !== 'ERR_IPC_BACKPRESSURE') throw error;
      this.#failed(error as IPCError);
      return false;
    }
  }
}
