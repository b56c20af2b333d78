import { mebibytes } from './memory.js';
import { type Figures, hold, within } from './promise.js';
import { type Over, Target } from './target.js';

/** The number of clients that dial at the same time. */
const AT_ONCE = 500;
const PATIENCE = 120_000;

/**
 * Many clients of one server. Each connects, exchanges messages with it, receives its broadcast and leaves. Each client takes two
 * file descriptors, one in each process.
 */
export async function soak({ clients = 10_000, messages = 10, over = 'local' } = {}): Promise<Figures> {
  const target = await new Target(over as Over, { settings: { maxConnections: clients + 10 } }).start();
  const asker = await target.connect({ requestTimeout: PATIENCE }).ready();
  const before = await target.report(asker);

  const dialled = performance.now();
  const crowd = Array.from({ length: clients }, () => new Member());
  for (let i = 0; i < clients; i += AT_ONCE) {
    const group = crowd.slice(i, i + AT_ONCE).map((member) => member.join(target));
    await within(PATIENCE, 'connecting', Promise.all(group));
  }
  const connected = performance.now();
  const full = await target.report(asker);
  hold(full.connections === clients + 1, `of ${clients} clients ${full.connections - 1} are connected`);

  const talked = performance.now();
  await within(PATIENCE, 'exchanging messages', Promise.all(crowd.map((member) => member.talk(messages))));
  const talking = performance.now() - talked;

  const told = performance.now();
  const news = Promise.all(crowd.map((member) => member.news));
  await asker.request('broadcast', { size: 100, count: 1 });
  await within(PATIENCE, 'a broadcast', news);
  const telling = performance.now() - told;

  for (const member of crowd) member.check(messages);
  await Promise.all(crowd.map((member) => member.leave()));
  await asker.close();
  await target.stop();
  const exchanged = clients * messages;
  return {
    clients,
    connect_ms: Math.round(connected - dialled),
    messages_there_and_back: exchanged,
    messages_lost_or_doubled: 0,
    messages_a_second: Math.round((exchanged / talking) * 1000),
    broadcast_to_all_ms: Math.round(telling),
    server_held_KiB_a_client: Math.round(((full.held - before.held) * 10_240) / clients) / 10,
    server_resident_MiB: `${before.resident} -> ${full.resident}`,
    clients_process_MiB: mebibytes(process.memoryUsage().rss),
  };
}

/** One of the clients. It sends numbers, each after the echo of the previous one. */
class Member {
  readonly news: Promise<void>;
  #client: ReturnType<Target['connect']> | undefined;
  #heard: number[] = [];
  #newsCount = 0;
  #tell: () => void = () => {};

  constructor() {
    this.news = new Promise((resolve) => {
      this.#tell = resolve;
    });
  }

  async join(target: Target): Promise<void> {
    const client = target.connect({ requestTimeout: PATIENCE });
    this.#client = client;
    client.on('news', () => {
      this.#newsCount++;
      this.#tell();
    });
    await client.ready();
    // A client may be connected before the server has accepted it. The answer shows that it has.
    await client.ping();
  }

  talk(count: number): Promise<void> {
    const client = this.#client as ReturnType<Target['connect']>;
    return new Promise((resolve) => {
      client.on('number', (number: number) => {
        this.#heard.push(number);
        if (number + 1 < count) client.emit('number', number + 1);
        else resolve();
      });
      client.emit('number', 0);
    });
  }

  /** Checks that the client has received each number and the broadcast once. */
  check(count: number): void {
    const right = this.#heard.length === count && this.#heard.every((number, i) => number === i);
    hold(right, `a client heard ${this.#heard.join()}`);
    hold(this.#newsCount === 1, `a client heard ${this.#newsCount} broadcasts`);
  }

  leave(): Promise<void> {
    return this.#client?.close() ?? Promise.resolve();
  }
}
