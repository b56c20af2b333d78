import { malformed, type Packet } from '../../entities/packet.js';
import { DelimitedDecoder } from './delimited.js';
import type { Agreement, Decoder, Dialect, Limits } from './dialect.js';
import { stringify } from './json.js';

const DELIMITER = '\0\0';

function parse(frame: string): Packet {
  let value: { topic: unknown; message: unknown };
  try {
    value = JSON.parse(frame);
  } catch (cause) {
    return malformed('A frame is no JSON', frame, cause);
  }
  if (typeof value !== 'object' || value === null || typeof value.topic !== 'string') {
    return malformed('A frame has no "topic" that is a string', frame);
  }
  return { type: value.topic, data: value.message };
}

/** socket-ipc's dialect: `JSON.stringify({ topic, message })` and two NUL bytes. It knows events and nothing else. */
export class TopicDialect implements Dialect {
  readonly name = 'topic';
  readonly shared = true;

  encode({ type, data }: Packet): string {
    return `{"topic":${JSON.stringify(type)},"message":${stringify(data) ?? 'null'}}${DELIMITER}`;
  }

  decoder(limits: Limits): Decoder {
    return new DelimitedDecoder(DELIMITER, parse, limits);
  }

  agree(_agreement: Agreement, _limits: Limits): Dialect {
    return this;
  }
}
