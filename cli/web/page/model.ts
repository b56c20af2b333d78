import type { Batch, CallView, PacketView, State, Told } from '../wire.js';
import { quantile } from './figures.js';

const MOST_PACKETS = 5000;
const MOST_CALLS = 3000;
/** How many seconds the charts cover. */
const MOST_SECONDS = 300;

/** Time series of equal length; null where there is no value. */
export interface Series {
  readonly time: number[];
  readonly messages: number[];
  readonly bytes: number[];
  readonly p50: (number | null)[];
  readonly p99: (number | null)[];
  readonly open: number[];
  readonly queued: number[];
}

/** The data that all views show. */
export class Model {
  state: State = { kind: 'state', time: 0, processes: [], edges: [] };
  payloads = false;
  version = '';
  packets: PacketView[] = [];
  calls: CallView[] = [];
  paused = false;
  /** How many packets passed without being shown: beyond the sampling limit, or while paused. */
  omitted = 0;
  readonly series: Series = { time: [], messages: [], bytes: [], p50: [], p99: [], open: [], queued: [] };
  #latencies: number[] = [];

  take(told: Told): void {
    if (told.kind === 'hello') {
      this.payloads = told.payloads;
      this.version = told.version;
    } else if (told.kind === 'state') this.#state(told);
    else this.#batch(told);
  }

  /** The display name of a process: its program and id. */
  nameOf(key: string): string {
    const found = this.state.processes.find((one) => one.key === key);
    return found === undefined ? key : `${found.program.split('/').at(-1)} ${key}`;
  }

  clear(): void {
    this.packets = [];
    this.calls = [];
    this.omitted = 0;
  }

  #state(state: State): void {
    this.state = state;
    const sum = (of: (one: State['processes'][number]) => number) =>
      state.processes.reduce((total, one) => total + of(one), 0);
    const { series } = this;
    series.time.push(state.time / 1000);
    series.messages.push(sum((one) => one.messages));
    series.bytes.push(sum((one) => one.bytes));
    series.p50.push(quantile(this.#latencies, 0.5));
    series.p99.push(quantile(this.#latencies, 0.99));
    series.open.push(sum((one) => one.open));
    series.queued.push(sum((one) => one.queued));
    this.#latencies = [];
    if (series.time.length > MOST_SECONDS) for (const list of Object.values(series)) list.shift();
  }

  #batch(batch: Batch): void {
    for (const { kind, milliseconds } of batch.calls)
      if (kind === 'asked' && this.#latencies.length < MOST_CALLS) this.#latencies.push(milliseconds);
    if (this.paused) {
      this.omitted += batch.total;
      return;
    }
    this.omitted += Math.max(0, batch.total - batch.packets.length);
    this.packets = newest(this.packets, batch.packets, MOST_PACKETS);
    this.calls = newest(this.calls, batch.calls, MOST_CALLS);
  }
}

function newest<Entry>(known: Entry[], more: readonly Entry[], most: number): Entry[] {
  const all = known.concat(more);
  return all.length > most ? all.slice(all.length - most) : all;
}
