import type { IPCError } from '../../entities/errors.js';
import type { Untyped } from '../../entities/events.js';
import { MESSAGE, metaOf, type Packet, type TopicMessage } from '../../entities/packet.js';
import { parseJSON } from '../../lib/codecs/json.js';
import { callTopics, type TopicHandler, Topics } from '../../lib/conversations/topics.js';
import { Emitter } from '../../lib/emitter.js';
import type { Interceptors } from '../../lib/interceptors.js';
import { warn } from '../../lib/warnings.js';
import { isOwnEvent, MOST_VALUES, ownEventReceived, protocolBroken, type Undelivered } from './events.js';
import { message } from './intercepted.js';
import type { PendingMessage } from './member-queue.js';

/** The handlers of a channel's events. Those of clients and servers cannot be prepended, as in node-ipc. */
class ChannelEmitter extends Emitter<Untyped, object, [sender: number]> {
  override prepend(type: string, args: readonly unknown[], once: boolean): this {
    return super.prepend(type, args, once);
  }
}

/** The handlers of a channel's events and topics. */
export class Listeners {
  readonly events: ChannelEmitter;
  readonly topics = new Topics<TopicHandler>();
  readonly #interceptors: Interceptors;

  /** @param channel what handlers have as `this` */
  constructor(interceptors: Interceptors, channel: object) {
    this.#interceptors = interceptors;
    this.events = new ChannelEmitter(1, (error) => this.report(error as IPCError), channel);
  }

  /** Calls the handlers of an event that a member has sent. */
  event(packet: Packet, number: number, data: readonly unknown[]): void {
    const { receive } = this.#interceptors;
    const { type } = packet;
    if (isOwnEvent(type)) this.report(ownEventReceived(type, number));
    else if (data.length > MOST_VALUES)
      this.report(protocolBroken(number, `a message of ${data.length} values`));
    else if (receive === undefined) this.events.trigger(type, number, ...data);
    else {
      const call = () => this.events.trigger(type, number, ...data);
      receive(message('event', type, number, metaOf(packet)), call);
    }
  }

  /** Calls the handlers of a message that a member has published under a topic. */
  publication(packet: Packet, number: number): void {
    const { topic, data } = (packet.data ?? {}) as Partial<TopicMessage>;
    if (typeof topic !== 'string') {
      this.report(protocolBroken(number, 'a publication without a topic'));
      return;
    }
    const { receive } = this.#interceptors;
    const call = () => callTopics(this.topics, topic, data);
    if (receive === undefined) call();
    else receive(message('topic', topic, number, metaOf(packet)), call);
  }

  /**
   * Reports an event or publication that was not delivered. Without a handler of `undelivered` it is reported as an error,
   * unless it was sent by `deliver`, whose promise rejects.
   */
  undelivered({ to, body, delivery }: PendingMessage, error: IPCError): void {
    const { type, data } = parseJSON(body) as Packet;
    const { topic, data: published } = data as TopicMessage;
    const lost: Undelivered =
      type === MESSAGE
        ? { to, event: topic, data: [published], error }
        : { to, event: type, data: data as unknown[], error };
    const heard = this.events.listenerCount('undelivered') > 0;
    this.events.trigger('undelivered', lost);
    if (!heard && delivery === undefined) this.report(error);
  }

  /** Reports an error; without a handler it becomes a process warning. */
  report(error: IPCError): void {
    if (this.events.listenerCount('error') === 0) warn(error);
    this.events.trigger('error', error);
  }
}
