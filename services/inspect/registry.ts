import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { type InspectOptions, type Listed, listed } from '../../lib/inspection.js';
import type { InstanceReport } from './report.js';

/** An object that was published on the diagnostics channel `omni-ipc:instance`. */
interface Inspectable {
  inspect(options?: InspectOptions): Omit<InstanceReport, 'ref'> & { readonly kind: string };
  /** Whether a connection belongs to it; channels do not have this method. */
  owns?(socket: unknown): boolean;
}

interface Entry {
  readonly ref: number;
  readonly instance: WeakRef<Inspectable>;
}

/** The least number of entries from which on the registry looks for those whose instances were garbage-collected. */
const FEWEST = 256;

/** The clients, servers and channels of this process, from all copies of the package. It holds weak references only. */
export class Registry {
  /** Whether a new instance is the inspector's own. */
  #ignoring = false;
  #entries: Entry[] = [];
  #last = 0;
  #sweepAt = FEWEST;
  readonly #owners = new WeakMap<object, number>();

  readonly #first: () => void;

  /** @param first called when the first instance appears */
  constructor(first: () => void) {
    this.#first = first;
    subscribe('omni-ipc:instance', this.#made);
  }

  /** Ignores instances that are created from now on. */
  end(): void {
    unsubscribe('omni-ipc:instance', this.#made);
  }

  /** Creates an instance that is not registered. */
  unseen<Made>(make: () => Made): Made {
    this.#ignoring = true;
    try {
      return make();
    } finally {
      this.#ignoring = false;
    }
  }

  /**
   * @param most the maximum number of reports, if it differs from `options.limit`
   * @returns the instances in use: without ended clients, stopped servers and channels that were never opened
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

  /** The number of the instance that a connection belongs to. */
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
  // Skips the default channel if the program only imports its class and never opens it.
  if (report.kind === 'channel') return report.members.total > 0 || report.queue.packets > 0;
  return report.listening || report.peers.total > 0;
}
