import type { Meta } from '../../entities/packet.js';
import { type InterceptedMessage, type Interceptors, optionsWith } from '../../lib/interceptors.js';
import type { Sender } from './receiver.js';

/** Wraps a sender so that interceptors see its messages. Without interceptors, the cost is one check per message. */
export function intercepted(sender: Sender, interceptors: Interceptors): Sender {
  return {
    send(audience, event, data) {
      const { send } = interceptors;
      if (send === undefined) return sender.send(audience, event, data);
      return send(message('event', event), (meta) => sender.send(audience, event, data, meta));
    },
    deliver(audience, event, data) {
      const { send } = interceptors;
      if (send === undefined) return sender.deliver(audience, event, data);
      return send(message('event', event), (meta) => sender.deliver(audience, event, data, meta));
    },
    publish(topic, data) {
      const { send } = interceptors;
      if (send === undefined) return sender.publish(topic, data);
      return send(message('topic', topic), (meta) => sender.publish(topic, data, meta));
    },
    request(audience, event, data, options) {
      const { send } = interceptors;
      if (send === undefined) return sender.request(audience, event, data, options);
      return send(message('request', event), (meta) =>
        sender.request(audience, event, data, optionsWith(options, meta)),
      );
    },
    stream(audience, event, data, options) {
      const { send } = interceptors;
      if (send === undefined) return sender.stream(audience, event, data, options);
      return send(message('stream', event), (meta) =>
        sender.stream(audience, event, data, optionsWith(options, meta)),
      );
    },
  };
}

/** The description of a channel's message that interceptors receive. */
export function message(
  kind: InterceptedMessage['kind'],
  type: string,
  peer?: number,
  meta?: Meta,
): InterceptedMessage {
  return { kind, side: 'channel', type, id: undefined, peer, meta };
}
