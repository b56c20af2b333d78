/** How a process is watched; each may be left out. */
export interface WatchOptions {
  /** How many packets a second are told at most; the others are counted. Default: 200, at most 10,000. */
  readonly packets?: number;
  /** How many finished requests a second are told at most. Default: 200, at most 10,000. */
  readonly calls?: number;
  /** Whether the beginning of each payload is told. Default: false. */
  readonly payloads?: boolean;
  /** Milliseconds between two batches. Default: 250, from 50 to 10,000. */
  readonly interval?: number;
}

/** One packet that went by. The type and the payload are the peers' choice: escape them. */
export interface PacketRecord {
  /** Milliseconds since 1970, with fractions. */
  readonly time: number;
  readonly direction: 'in' | 'out';
  readonly side: 'client' | 'server';
  /** Whose connection it was. */
  readonly ref?: number;
  readonly type: string;
  readonly id?: number | string;
  readonly re?: number | string;
  /** The code, or the name, of the error that it carries. */
  readonly error?: string;
  /** The beginning of its payload as JSON. */
  readonly data?: string;
}

/** A request that is over. */
export interface CallRecord {
  /** Whether this process asked, or its handler answered. */
  readonly kind: 'asked' | 'handled';
  readonly ref?: number;
  readonly type: string;
  readonly id: number | string;
  /** When it began (milliseconds since 1970, with fractions), and how long it took. */
  readonly began: number;
  readonly milliseconds: number;
  readonly error?: string;
}

/** What the handlers of a type did since the last batch. */
export interface HandlerFigures {
  readonly type: string;
  readonly count: number;
  readonly failed: number;
  /** Milliseconds, of all together and of the slowest. */
  readonly total: number;
  readonly most: number;
}

/** What was seen since the last batch. */
export interface WatchBatch {
  readonly time: number;
  /** All packets, told or not. */
  readonly packetsIn: number;
  readonly packetsOut: number;
  readonly packets: readonly PacketRecord[];
  readonly calls: readonly CallRecord[];
  readonly handlers: readonly HandlerFigures[];
}
