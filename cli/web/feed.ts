import type { WatchBatch } from '../../services/inspect/index.js';
import { type InspectedProcess, Processes } from '../inspect/processes.js';
import { edgesOf } from './edges.js';
import { processView } from './views.js';
import type { Batch, CallView, PacketView, State, Told } from './wire.js';

/** A connected page. */
export type Listener = (told: State | Batch) => void;

export interface FeedOptions {
  readonly payloads: boolean;
  /** How many packets per second each process reports. */
  readonly packets: number;
}

const STATE_MS = 1000;
const BATCH_MS = 250;
/** The maximum number of packets in one batch of all processes: 8,000 packets per second. */
const MOST_PACKETS = 2000;
const MOST_CALLS = 500;

/** Polls and watches the inspected processes while at least one page is connected. */
export class Feed {
  readonly #options: FeedOptions;
  readonly #listeners = new Set<Listener>();
  #processes: Processes | undefined;
  #timers: NodeJS.Timeout[] = [];
  #looking = false;
  #total = 0;
  #packets: PacketView[] = [];
  #calls: CallView[] = [];

  constructor(options: FeedOptions) {
    this.#options = options;
  }

  /** The addresses on which inspected processes currently listen. The composer may only send to these. */
  get addresses(): ReadonlySet<string> {
    const found = new Set<string>();
    for (const { report } of this.#processes?.all ?? [])
      for (const one of report?.instances.items ?? [])
        if (one.kind === 'server' && one.listening) found.add(one.address);
    return found;
  }

  listen(listener: Listener): void {
    this.#listeners.add(listener);
    if (this.#listeners.size === 1) this.#begin();
    else listener(this.#state());
  }

  leave(listener: Listener): void {
    if (this.#listeners.delete(listener) && this.#listeners.size === 0) this.close();
  }

  close(): void {
    for (const timer of this.#timers) clearInterval(timer);
    this.#timers = [];
    this.#processes?.close();
    this.#processes = undefined;
    this.#packets = [];
    this.#calls = [];
  }

  #begin(): void {
    const { packets, payloads } = this.#options;
    const options = { packets, calls: packets, payloads, interval: BATCH_MS };
    this.#processes = new Processes((one) => one.watch(options, (batch) => this.#take(one, batch)));
    this.#timers = [
      setInterval(() => void this.#look(), STATE_MS),
      setInterval(() => this.#flush(), BATCH_MS),
    ];
    void this.#look();
  }

  async #look(): Promise<void> {
    if (this.#looking) return;
    this.#looking = true;
    try {
      await this.#processes?.refresh();
      if (this.#processes !== undefined) this.#tell(this.#state());
    } finally {
      this.#looking = false;
    }
  }

  #state(): State {
    const all = this.#processes?.all ?? [];
    return { kind: 'state', time: Date.now(), processes: all.map(processView), edges: edgesOf(all) };
  }

  #take({ key }: InspectedProcess, batch: WatchBatch): void {
    this.#total += batch.packetsIn + batch.packetsOut;
    for (const packet of batch.packets) {
      if (this.#packets.length >= MOST_PACKETS) break;
      this.#packets.push({ process: key, ...packet });
    }
    for (const call of batch.calls) {
      if (this.#calls.length >= MOST_CALLS) break;
      this.#calls.push({ process: key, ...call });
    }
  }

  #flush(): void {
    if (this.#total === 0 && this.#calls.length === 0) return;
    const packets = this.#packets.sort((one, other) => one.time - other.time);
    const batch: Batch = {
      kind: 'batch',
      time: Date.now(),
      total: this.#total,
      packets,
      calls: this.#calls,
    };
    this.#total = 0;
    this.#packets = [];
    this.#calls = [];
    this.#tell(batch);
  }

  #tell(told: Exclude<Told, { kind: 'hello' }>): void {
    for (const listener of this.#listeners) listener(told);
  }
}
