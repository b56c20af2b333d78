import type { CallRecord, PacketRecord } from '../../services/inspect/records.js';
import type { ShownProcess } from '../inspect/shown.js';

/**
 * The updates of the web view's server, one JSON value per line. The names of types, topics and programs are chosen by
 * others and must be escaped.
 */
export type Told = Hello | State | Batch;

export interface Hello {
  readonly kind: 'hello';
  readonly version: string;
  /** Whether packets include the start of their payloads. */
  readonly payloads: boolean;
}

/** A client, server or channel. */
export interface InstanceView {
  readonly ref: number;
  readonly kind: 'client' | 'server' | 'channel';
  /** Its address, or the channel's name. */
  readonly name: string;
  readonly dialect: string;
  /** A client's status, `listening`, or whether a channel is connected. */
  readonly status: string;
  /** The number of connected clients, or of channel members. */
  readonly peers: number;
  readonly subscriptions: number;
  /** Messages per second. */
  readonly messages: number;
  readonly bytes: number;
  readonly open: number;
  readonly queued: number;
}

/** An inspected process, or a worker thread of it. */
export interface ProcessView extends ShownProcess {
  readonly node: string;
  readonly since: number;
  readonly memory: number;
  readonly busy: number;
  readonly instances: readonly InstanceView[];
}

/**
 * The connections from one process's clients to a server; `to` is the server's process, or its address if that process is
 * not inspected.
 */
export interface EdgeView {
  readonly from: string;
  readonly to: string;
  readonly address: string;
  readonly clients: number;
  /** Messages per second. */
  readonly messages: number;
  readonly bytes: number;
}

/** The state of all processes, sent once a second. */
export interface State {
  readonly kind: 'state';
  readonly time: number;
  readonly processes: readonly ProcessView[];
  readonly edges: readonly EdgeView[];
}

export interface PacketView extends PacketRecord {
  readonly process: string;
}

export interface CallView extends CallRecord {
  readonly process: string;
}

/** The packets since the last batch. */
export interface Batch {
  readonly kind: 'batch';
  readonly time: number;
  /** The number of all packets, including those that are not reported. */
  readonly total: number;
  readonly packets: readonly PacketView[];
  readonly calls: readonly CallView[];
}

/** A message from the composer; `type` is the name of an event or request. */
export interface Sending {
  readonly address: string;
  readonly type: string;
  readonly data?: unknown;
}

/** The result. */
export type Outcome =
  | { readonly ok: true; readonly data?: unknown; readonly milliseconds: number }
  | { readonly ok: false; readonly code: string; readonly message: string };
