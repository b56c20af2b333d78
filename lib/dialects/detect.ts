import { IPCError } from '../../entities/errors.js';
import type { Limits } from '../../entities/limits.js';
import type { Encoded, Packet } from '../../entities/packet.js';
import type { ByteQueue } from '../framing/byte-queue.js';
import { cutShort } from '../framing/framing.js';
import {
  type Capabilities,
  DETECTING,
  type Decoder,
  type Dialect,
  type Finding,
  type Negotiation,
} from './dialect.js';
import { BASE_DIALECT, beginningsOf } from './registry.js';

/** A byte order mark, which may precede the first frame. */
const MARK = '\xef\xbb\xbf';

/** How many bytes are enough to detect any dialect. */
const MOST = 16;

/** The dialects that a server accepts, by name. */
export type Accepted = ReadonlyMap<string, Dialect>;

/**
 * The dialect of a server until the first bytes of a connection show which one the peer speaks. Its decoder reports the
 * detected dialect, whose decoder then takes over.
 *
 * Peers of some dialects wait for the server to speak first. What is sent before the detection is encoded in the dialect
 * `assumed`.
 */
export class DetectDialect implements Dialect {
  readonly name = 'accept';
  readonly capabilities: Capabilities;
  readonly handshake = DETECTING;
  /** The most likely dialect of a silent peer: json if it is accepted, otherwise the first one that needs no handshake. */
  readonly assumed: Dialect;
  readonly #accepted: Accepted;

  /** @param accepted must not be empty */
  constructor(accepted: Accepted) {
    const all = [...accepted.values()];
    this.#accepted = accepted;
    this.assumed = (accepted.get(BASE_DIALECT) ?? all.find(needsNoHandshake) ?? all[0]) as Dialect;
    // A peer that has not sent anything may still turn out to support requests.
    this.capabilities = { ...this.assumed.capabilities, calls: true };
  }

  encode(packet: Packet): Encoded {
    return this.assumed.encode(packet);
  }

  decoder(_limits: Limits): Decoder {
    return new DetectDecoder(this.#accepted);
  }

  negotiated(negotiation: Negotiation, limits: Limits): Dialect {
    return this.assumed.negotiated(negotiation, limits);
  }
}

/** Whether a dialect needs no handshake. */
function needsNoHandshake({ handshake }: Dialect): boolean {
  return handshake.hello !== 'required';
}

class DetectDecoder implements Decoder {
  readonly #accepted: Accepted;

  constructor(accepted: Accepted) {
    this.#accepted = accepted;
  }

  read(unread: ByteQueue): Finding | undefined {
    const name = nameOf(unread.peek(MOST), this.#accepted);
    if (name === undefined) return undefined;
    const dialect = this.#accepted.get(name);
    if (dialect !== undefined) return { dialect };
    const names = [...this.#accepted.keys()].join(', ');
    const message = `A client speaks none of the dialects that this server accepts (config.accept: ${names}).`;
    throw new IPCError('ERR_IPC_PROTOCOL', message);
  }

  end(unread: ByteQueue): IPCError | undefined {
    const size = unread.length;
    unread.clear();
    return size === 0 ? undefined : cutShort(size, 'rest');
  }
}

/** The dialect that the first bytes identify; undefined while there are too few to decide. */
function nameOf(bytes: Buffer, accepted: Accepted): string | undefined {
  const head = bytes.toString('latin1');
  if (MARK.startsWith(head)) return undefined;
  const text = head.startsWith(MARK) ? head.slice(MARK.length) : head;
  for (const name of accepted.keys()) {
    for (const beginning of beginningsOf(name)) {
      if (text.startsWith(beginning)) return name;
      if (beginning.startsWith(text)) return undefined;
    }
  }
  return BASE_DIALECT;
}
