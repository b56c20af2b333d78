/** Who has sent something. */
export type Side = 'client' | 'server';

/** What is read of one packet, or of bytes that are malformed. */
export interface Seen {
  /** Its length on the wire, in bytes. */
  readonly size: number;
  readonly type?: string;
  readonly data?: unknown;
  readonly id?: unknown;
  readonly re?: unknown;
  readonly error?: unknown;
  readonly meta?: unknown;
  /** The bytes themselves, in base64, where they are not a packet. */
  readonly bytes?: string;
  /** Why they are none, or what is not shown. */
  readonly note?: string;
}

/** Reads one direction of a connection. Whatever comes, it throws nothing. */
export interface Reader {
  push(bytes: Buffer): Seen[];
}
