import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { type InspectOptions, type Listed, listed } from '../../lib/inspection.js';
import type { InstanceReport } from './report.js';

/** What publishes itself on the channel `omni-ipc:instance`. */
interface Inspectable {
  inspect(options?: InspectOptions): Omit<InstanceReport, 'ref'> & { readonly kind: string };
  /** Whether a connection is its own; channels have none. */
  owns?(socket: unknown): boolean;
}

interface Entry {
  readonly ref: number;
  readonly instance: WeakRef<Inspectable>;
}

/** So many entries at first before those whose instances are gone are looked for. */
const FEWEST = 256;

/** The clients, servers and channels of this process, from whichever copy of the package they come. It keeps none of them alive. */
export class Registry {
  /** Whether what is made just now is the inspector's own. */
  #ignoring = false;
  #entries: Entry[] = [];
  #last = 0;
  #sweepAt = FEWEST;
  readonly #owners = new WeakMap<object, number>();

  readonly #first: () => void;

  /** @param first is called when there is something to inspect */
  constructor(first: () => void) {
    this.#first = first;
    subscribe('omni-ipc:instance', this.#made);
  }

  /** Takes no notice of what is made from now on. */
  end(): void {
    unsubscribe('omni-ipc:instance', this.#made);
  }

  /** Makes something that is not to be seen. */
  unseen<Made>(make: () => Made): Made {
    this.#ignoring = true;
    try {
      return make();
    } finally {
      this.#ignoring = false;
    }
  }

  /**
   * @param most how many there may be, where that is not `options.limit` as for their own lists
   * @returns those that are in use: without clients that have ended, servers that have stopped, and channels that nobody has opened.
   */
  reports(options: InspectOptions, most = options.limit): Listed<InstanceReport> {
    const found: InstanceReport[] = [];
    for (const { ref, instance } of this.#entries) {
      const report = instance.deref()?.inspect(options);
      if (report !== undefined && inUse(report as InstanceReport))
        found.push({ ref, ...report } as InstanceReport);
    }
    return listed(found, most === undefined ? {} : { limit: most });
  }

  /** The number of the instance whose connection it is. */
  ownerOf(socket: unknown): number | undefined {
    if (typeof socket !== 'object' || socket === null) return undefined;
    const known = this.#owners.get(socket);
    if (known !== undefined) return known === 0 ? undefined : known;
    const owner = this.#entries.find(({ instance }) => instance.deref()?.owns?.(socket) === true);
    this.#owners.set(socket, owner?.ref ?? 0);
    return owner?.ref;
  }

  #made = (message: unknown) => {
    if (this.#ignoring) return;
    const { instance } = message as { instance: Inspectable };
    this.#entries.push({ ref: ++this.#last, instance: new WeakRef(instance) });
    if (this.#entries.length > this.#sweepAt) this.#sweep();
    if (this.#last === 1) this.#first();
  };

  #sweep(): void {
    this.#entries = this.#entries.filter(({ instance }) => instance.deref() !== undefined);
    this.#sweepAt = Math.max(FEWEST, 2 * this.#entries.length);
  }
}

function inUse(report: InstanceReport): boolean {
  if (report.kind === 'client') return report.status !== 'disconnected' && report.status !== 'idle';
  // The default channel of a program that only imports its class is never opened.
  if (report.kind === 'channel') return report.members.total > 0 || report.queue.packets > 0;
  return report.listening || report.peers.total > 0;
}
