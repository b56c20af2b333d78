import { type Address, formatAddress } from '../address.js';
import { textOf } from '../arguments.js';
import type { Command, Context } from '../command.js';
import { clip, escapeText } from '../escape.js';
import { EXIT, UsageError } from '../exit.js';
import { bytes as bytesText, clock, duration } from '../figures.js';
import type { Printer } from '../printer.js';
import { addressOf, delimiterOf, NAMING, WIRE } from '../settings.js';
import { Dialogue } from '../tap/dialogue.js';
import { type Recorded, Recording } from '../tap/recording.js';
import { startRelay, type Watcher } from '../tap/relay.js';
import type { Seen, Side } from '../tap/seen.js';

/** How many unanswered requests of a connection are remembered to measure their latency. */
const MOST_OPEN = 10_000;

export const tap: Command = {
  name: 'tap',
  summary: 'forwards the traffic between clients and a server, and prints every packet',
  arguments: 'LISTEN TARGET',
  count: [2, 2],
  details: `Listens at LISTEN and forwards every byte unchanged to TARGET and back. It decodes a copy: packets of node-ipc, net-ipc and
socket-ipc, also with MessagePack and compression. With TLS it terminates the clients' TLS connections and opens its own to the
server, so it needs a certificate that the clients trust.

In a pipe each packet is a line: {"time":...,"connection":1,"from":"client","size":34,"type":"add","data":[1,2],"id":1}. A response
has "re", and "ms", the time since its request. Bytes that are not a packet are "bytes" in base64. --record writes the same lines
into a file, for omni-ipc replay. Ctrl-C ends the command, with the exit code 0.`,
  examples: [
    ['omni-ipc tap unix:/tmp/tap world', 'then let clients connect to /tmp/tap'],
    [
      'omni-ipc tap tcp://:9000 tcp://:8000 --record traffic.ndjson',
      'and later: omni-ipc replay traffic.ndjson tcp://:8000',
    ],
  ],
  options: {
    record: { type: 'string', value: 'FILE', description: 'writes each packet as a line into a new file' },
    raw: { type: 'boolean', description: 'shows bytes, without decoding packets' },
    quiet: { type: 'boolean', short: 'q', description: 'prints no packets' },
    delimiter: WIRE.delimiter as Command['options'][string],
    ...NAMING,
    cert: { type: 'string', value: 'FILE', description: 'TLS at LISTEN: the certificate' },
    key: { type: 'string', value: 'FILE', description: 'TLS at LISTEN: its private key' },
    ca: {
      type: 'string',
      value: 'FILE',
      multiple: true,
      description: 'TLS at LISTEN: admits only clients with a certificate of FILE',
    },
    'target-ca': {
      type: 'string',
      value: 'FILE',
      multiple: true,
      description: 'TLS to TARGET: trusts only the certificates in FILE',
    },
    'target-cert': {
      type: 'string',
      value: 'FILE',
      description: 'TLS to TARGET: the certificate of this side',
    },
    'target-key': { type: 'string', value: 'FILE', description: 'TLS to TARGET: its private key' },
    servername: {
      type: 'string',
      value: 'NAME',
      description: 'TLS to TARGET: the name that the certificate of the server must have',
    },
    insecure: { type: 'boolean', description: 'TLS to TARGET: accepts any certificate' },
  },
  async run(context: Context) {
    const { positionals, values, out, signal } = context;
    const [listen, target] = positionals.map((text) => addressOf(text, values));
    if (listen === undefined || target === undefined) throw new UsageError('tap needs two addresses.');
    if (formatAddress(listen) === formatAddress(target) && !takesAnyPort(listen))
      throw new UsageError(
        `tap would connect to itself: LISTEN and TARGET are both ${formatAddress(target)}.`,
      );
    const file = textOf(values, 'record');
    const recording = file === undefined ? undefined : new Recording(file);
    const show = new Show(context, recording);
    try {
      const relay = await startRelay(listen, target, values, show);
      out.note(
        out.paint(
          'dim',
          escapeText(`listening on ${formatAddress(relay.address)}, for ${formatAddress(target)}`),
        ),
      );
      await new Promise<void>((resolve) => {
        signal.addEventListener('abort', () => resolve());
        if (signal.aborted) resolve();
      });
      await relay.close();
    } finally {
      recording?.close();
    }
    return EXIT.ok;
  },
};

function takesAnyPort(address: Address): boolean {
  return address.transport !== 'unix' && address.port === 0;
}

/** The state of one connection: its dialogue, and the times of its open requests. */
interface Conversation {
  readonly dialogue: Dialogue;
  readonly asked: { readonly client: Map<unknown, number>; readonly server: Map<unknown, number> };
}

/** Prints and records the packets that pass. */
class Show implements Watcher {
  readonly #out: Printer;
  readonly #quiet: boolean;
  readonly #options: { delimiter: string; raw: boolean };
  readonly #recording: Recording | undefined;
  readonly #conversations = new Map<number, Conversation>();

  constructor({ out, values }: Context, recording: Recording | undefined) {
    this.#out = out;
    this.#quiet = values.quiet === true;
    this.#options = { delimiter: delimiterOf(values) ?? '\f', raw: values.raw === true };
    this.#recording = recording;
  }

  opened(connection: number): void {
    const asked = { client: new Map(), server: new Map() };
    this.#conversations.set(connection, { dialogue: new Dialogue(this.#options), asked });
    this.#remark(`${connection} connected`);
  }

  passed(connection: number, side: Side, bytes: Buffer): void {
    const now = performance.now();
    for (const seen of this.#conversations.get(connection)?.dialogue.push(side, bytes) ?? [])
      this.#show(connection, side, seen, now);
  }

  closed(connection: number, why: string | undefined): void {
    const conversation = this.#conversations.get(connection);
    this.#conversations.delete(connection);
    for (const side of ['client', 'server'] as const)
      for (const seen of conversation?.dialogue.end(side) ?? [])
        this.#show(connection, side, seen, performance.now());
    this.#remark(why === undefined ? `${connection} disconnected` : `${connection} disconnected: ${why}`);
  }

  #show(connection: number, from: Side, seen: Seen, now: number): void {
    const ms = this.#latency(connection, from, seen, now);
    const recorded: Recorded = {
      time: Date.now(),
      connection,
      from,
      ...seen,
      ...(ms === undefined ? {} : { ms }),
    };
    this.#recording?.write(recorded);
    if (!this.#quiet) this.#out.record(recorded, () => this.#line(recorded));
  }

  /** The latency of a response. For a request, it stores the time instead. */
  #latency(connection: number, from: Side, { id, re }: Seen, now: number): number | undefined {
    const asked = this.#conversations.get(connection)?.asked;
    if (asked === undefined) return undefined;
    if (id !== undefined && asked[from].size < MOST_OPEN) asked[from].set(id, now);
    if (re === undefined) return undefined;
    const other = asked[from === 'client' ? 'server' : 'client'];
    const since = other.get(re);
    other.delete(re);
    return since === undefined ? undefined : Number((now - since).toFixed(3));
  }

  #line({ time, connection, from, size, type, data, id, re, error, bytes, note, ms }: Recorded): string {
    const out = this.#out;
    const parts = [out.paint('dim', `${clock(time)} ${String(connection).padStart(3)}`)];
    parts.push(from === 'client' ? out.paint('green', '→') : out.paint('blue', '←'));
    if (type !== undefined && type !== '') parts.push(out.paint('cyan', clip(String(type), 200)));
    if (id !== undefined) parts.push(out.paint('yellow', `#${clip(String(id), 60)}`));
    if (re !== undefined) parts.push(out.paint('yellow', `re #${clip(String(re), 60)}`));
    if (error !== undefined) parts.push(out.paint('red', 'error'), out.readable(error));
    else if (bytes !== undefined) parts.push(out.readable(Buffer.from(bytes, 'base64').toString()));
    else if (data !== undefined) parts.push(out.readable(data));
    if (note !== undefined) parts.push(out.paint('red', clip(note, 200)));
    const took = ms === undefined ? '' : `, ${duration(ms)}`;
    parts.push(out.paint('dim', `(${bytesText(size)}${took})`));
    return parts.join(' ');
  }

  #remark(text: string): void {
    this.#out.note(this.#out.paint('dim', escapeText(text)));
  }
}
