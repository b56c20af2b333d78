import type { CallRecord, PacketRecord } from '../../services/inspect/records.js';
import type { ShownProcess } from '../inspect/shown.js';

/** What the web view's server tells its page, one JSON value a line. Names of types, topics and programs are others' choice: escape them. */
export type Told = Hello | State | Batch;

export interface Hello {
  readonly kind: 'hello';
  readonly version: string;
  /** Whether packets have the beginnings of their payloads. */
  readonly payloads: boolean;
}

/** A client, server or channel. */
export interface InstanceView {
  readonly ref: number;
  readonly kind: 'client' | 'server' | 'channel';
  /** Its address, or the channel's name. */
  readonly name: string;
  readonly dialect: string;
  /** A client's status; `listening`; or whether a channel is connected. */
  readonly status: string;
  /** How many are connected to it, or are members. */
  readonly peers: number;
  readonly subscriptions: number;
  /** A second. */
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

/** Who talks to whom: a process's clients and the process whose server that is, `to` being the address where that is not inspected. */
export interface EdgeView {
  readonly from: string;
  readonly to: string;
  readonly address: string;
  readonly clients: number;
  /** A second. */
  readonly messages: number;
  readonly bytes: number;
}

/** How everything is, once a second. */
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

/** What passed since the last batch. */
export interface Batch {
  readonly kind: 'batch';
  readonly time: number;
  /** All packets, told or not. */
  readonly total: number;
  readonly packets: readonly PacketView[];
  readonly calls: readonly CallView[];
}

/** What the page has the server send; `type` is an event's or a request's. */
export interface Sending {
  readonly address: string;
  readonly type: string;
  readonly data?: unknown;
}

/** What came of it. */
export type Outcome =
  | { readonly ok: true; readonly data?: unknown; readonly milliseconds: number }
  | { readonly ok: false; readonly code: string; readonly message: string };
