import type { Limits } from '../../entities/limits.js';
import type { Encoded, Packet } from '../../entities/packet.js';
import type { Decoder } from '../framing/framing.js';

/**
 * A packet from the decoder of an undecided dialect to its connection, which never travels: `data` is the dialect that
 * the peer speaks.
 */
export const DIALECT = 'ipc:dialect';

/**
 * A packet from the decoder of a dialect that greets to its connection, which never travels: the opening is read. On a
 * server `data` holds the bytes to answer it with; on a client the server has agreed, and the hello may be sent.
 */
export const UPGRADE = 'ipc:upgrade';

/** What two ends agreed on in hello and welcome. */
export interface Agreement {
  readonly codec: string;
  readonly compress: boolean;
}

/** How packets become bytes and back. */
export interface Dialect {
  readonly name: string;
  /** Whether the bytes of a packet are the same for every connection, so that a broadcast is encoded once. */
  readonly shared: boolean;
  /** It knows events only: no request, no control packet, and any name is a user's. */
  readonly plain?: boolean;
  /** Its peers cannot subscribe: they hear everything that is published, and pick. */
  readonly hearsAll?: boolean;
  /** Whether its decoder first finds out what the peer speaks, and says so with {@link DIALECT}. */
  readonly undecided?: boolean;
  /** Whether its wire always begins with hello and welcome, whatever the config asks for. */
  readonly greets?: boolean;
  /** What a client writes before its hello. */
  readonly opening?: Buffer | undefined;
  /** Whether a client keeps its hello until the server has agreed to the opening ({@link UPGRADE}). */
  readonly upgrades?: boolean;
  /**
   * The packet's bytes; none where the dialect has no word for a packet that is between connections.
   * @throws IPCError ERR_IPC_ENCODE, ERR_IPC_UNSUPPORTED for what the dialect has no words for
   */
  encode(packet: Packet): Encoded;
  /** The bytes of strings that {@link encode} gave, joined; without it they are UTF-8. */
  bytes?(text: string): Buffer;
  /** A decoder for one connection. */
  decoder(limits: Limits): Decoder;
  /** The dialect that both ends speak right after hello and welcome; this one, where nothing changes. */
  agree(agreement: Agreement, limits: Limits): Dialect;
}
