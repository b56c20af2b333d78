import type { EventEmitter } from 'node:events';
import { messageOf } from '../../entities/errors.js';
import type { Packet } from '../../entities/packet.js';
import { safely } from '../../lib/faults.js';
import { isThenable } from '../../lib/thenable.js';
import { thrown } from '../adapter/emit-safely.js';
import { NO_TOPIC } from './dialect.js';
import { EncodeError } from './errors.js';
import type { EncodedCallback, EncoderFunction, Transcoder } from './transcoder.js';

/** The messages of one side: encodes outgoing ones, and emits incoming ones to the listeners. */
export class TopicMessenger {
  readonly #emitter: EventEmitter;
  readonly #encode: EncoderFunction | undefined;
  /** The topic and event name of the last message, since most messages repeat them. */
  #topic = '';
  #event = 'message.';

  constructor(emitter: EventEmitter, transcoder: Transcoder | null | undefined) {
    this.#emitter = emitter;
    this.#encode = transcoder?.createEncoder();
  }

  /** Encodes a message and passes it on. If it cannot be encoded, emits `error`. */
  send(topic: string, message: unknown, send: (packet: Packet) => void): void {
    if (this.#encode !== undefined) this.#transcode(this.#encode, topic, message, send);
    else {
      try {
        send({ type: topic, data: message });
      } catch (error) {
        this.#emitter.emit('error', new EncodeError(messageOf(error), { topic, message }));
      }
    }
  }

  /** Emits a message to the listeners. */
  deliver({ type, data }: Packet): void {
    const emitter = this.#emitter;
    try {
      emitter.emit('message', data, type);
      emitter.emit(this.#eventOf(type), data);
    } catch (error) {
      thrown(emitter, error);
    }
  }

  /** Emits a client's message to the listeners. */
  deliverFrom(clientId: string, { type, data }: Packet): void {
    const emitter = this.#emitter;
    try {
      emitter.emit('message', data, type, clientId);
      emitter.emit(this.#eventOf(type), data, clientId);
    } catch (error) {
      thrown(emitter, error);
    }
  }

  #eventOf(topic: string): string {
    if (topic !== this.#topic) {
      this.#topic = topic;
      this.#event = `message.${topic}`;
    }
    return this.#event;
  }

  #transcode(encode: EncoderFunction, topic: string, message: unknown, send: (packet: Packet) => void): void {
    const refuse = (error: unknown) => {
      this.#emitter.emit('error', new EncodeError(messageOf(error), { topic, message }));
    };
    const encoded: EncodedCallback = (error, data) => {
      if (error) {
        this.#emitter.emit('error', error);
        return;
      }
      try {
        if (data !== null && data !== undefined) send({ type: topic, data });
      } catch (fault) {
        refuse(fault);
      }
    };
    let result: unknown;
    try {
      result = encode({ topic, message }, encoded);
    } catch (error) {
      refuse(error);
      return;
    }
    if (isThenable(result)) void result.then(undefined, (error) => safely(() => refuse(error)));
  }
}

/** Converts a topic to the form that is sent. */
export function topicName(topic: unknown): string {
  return topic === undefined || topic === null || topic === '' ? NO_TOPIC : String(topic);
}
