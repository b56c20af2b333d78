import type { DialectName } from '../../entities/config.js';
import { IPCError } from '../../entities/errors.js';
import type { Limits } from '../../entities/limits.js';
import type { Encoded, Packet } from '../../entities/packet.js';
import type { Decoder, Deliver } from '../framing/framing.js';
import { type Agreement, type Capabilities, DETECTING, DIALECT, type Dialect } from './dialect.js';

const NOTHING = Buffer.alloc(0);

/** How the peers of a dialect begin; those of json begin in any other way. */
const BEGINNINGS: readonly (readonly [DialectName, Buffer])[] = [
  ['net-ipc', Buffer.from('IPC')],
  ['net-ipc', Buffer.from('GET ')],
  ['topic', Buffer.from('{"topic":')],
];

/** The dialects that a server accepts, by name. */
export type Accepted = ReadonlyMap<DialectName, Dialect>;

/**
 * A server's dialect until the first bytes of a connection show which of several its peer speaks. The decoder tells
 * ({@link DIALECT}), then reads on in that one, by itself or, where it is stopped, by the connection's next decoder.
 *
 * Peers of json and topic may wait to be spoken to: what is said before they do is said in the dialect `assumed`.
 */
export class DetectDialect implements Dialect {
  readonly name = 'accept';
  readonly capabilities: Capabilities;
  readonly handshake = DETECTING;
  /** What a peer that has not said a word most likely speaks: json, or else the first that needs no preamble. */
  readonly assumed: Dialect;
  readonly #accepted: Accepted;

  /** `accepted` holds one dialect at least. */
  constructor(accepted: Accepted) {
    const all = [...accepted.values()];
    this.#accepted = accepted;
    this.assumed = (accepted.get('json') ?? all.find(greetsNobody) ?? all[0]) as Dialect;
    // A peer that is silent yet may still turn out to know requests.
    this.capabilities = { ...this.assumed.capabilities, calls: true };
  }

  encode(packet: Packet): Encoded {
    return this.assumed.encode(packet);
  }

  decoder(limits: Limits): Decoder {
    return new DetectDecoder(this.#accepted, limits);
  }

  agree(agreement: Agreement, limits: Limits): Dialect {
    return this.assumed.agree(agreement, limits);
  }
}

/** Whether a dialect needs no handshake. */
function greetsNobody({ handshake }: Dialect): boolean {
  return handshake.hello !== 'required';
}

class DetectDecoder implements Decoder {
  readonly #accepted: Accepted;
  readonly #limits: Limits;
  #decoder: Decoder | undefined;
  /** First bytes that do not tell yet, or all that had come when `deliver` wanted no more. */
  #unread: Buffer = NOTHING;

  constructor(accepted: Accepted, limits: Limits) {
    this.#accepted = accepted;
    this.#limits = limits;
  }

  get buffered(): number {
    return this.#unread.length + (this.#decoder?.buffered ?? 0);
  }

  push(chunk: Buffer, deliver: Deliver): void {
    let bytes = chunk;
    if (this.#unread.length > 0) {
      bytes = Buffer.concat([this.#unread, chunk]);
      this.#unread = NOTHING;
    }
    if (this.#decoder === undefined && !this.#recognise(bytes, deliver)) return;
    this.#decoder?.push(bytes, deliver);
  }

  rest(): Buffer {
    const bytes = Buffer.concat([this.#decoder?.rest() ?? NOTHING, this.#unread]);
    this.#unread = NOTHING;
    return bytes;
  }

  /** Whether it is known what the peer speaks, and `deliver` wants to hear it from this decoder. */
  #recognise(bytes: Buffer, deliver: Deliver): boolean {
    const name = nameOf(bytes, this.#accepted);
    if (name === undefined) {
      this.#unread = Buffer.from(bytes);
      return false;
    }
    const dialect = this.#accepted.get(name);
    if (dialect === undefined) {
      const names = [...this.#accepted.keys()].join(', ');
      const message = `A client speaks none of the dialects that this server accepts (config.accept: ${names}).`;
      throw new IPCError('ERR_IPC_PROTOCOL', message);
    }
    this.#decoder = dialect.decoder(this.#limits);
    if (deliver({ type: DIALECT, data: dialect })) return true;
    this.#unread = bytes;
    return false;
  }
}

/** What the first bytes say; undefined while they could still become the beginning of several. */
function nameOf(bytes: Buffer, accepted: Accepted): DialectName | undefined {
  if (bytes.length === 0) return undefined;
  for (const [name, beginning] of BEGINNINGS) {
    if (!accepted.has(name)) continue;
    const length = Math.min(bytes.length, beginning.length);
    if (bytes.compare(beginning, 0, length, 0, length) !== 0) continue;
    return length === beginning.length ? name : undefined;
  }
  return 'json';
}
