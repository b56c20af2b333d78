import { createHash } from 'node:crypto';
import type { Client } from '../../lib/client.js';
import { Meddler } from './meddler.js';
import { type Memory, memory } from './memory.js';
import { type Figures, hold } from './promise.js';
import { freshSeed, seeded } from './random.js';
import { type Over, type Report, Target } from './target.js';
import { Witness } from './witness.js';

/** The intervals between two measurements of memory and between two cuts, in milliseconds. */
const LOOK_MS = 5000;
const CUT_MS = 1500;
/** The growth of memory that is allowed after the warm-up, in mebibytes. */
const GROWTH_MIB = 12;
/** With fewer measurements in a third of the time, each of them may be that of big messages under way. */
const FEW = 4;
const BIG = 2 * 1024 * 1024;

/** The counts of the campaign. */
interface Counts {
  events: number;
  /** The part of these that was sent completely on one connection, and must have arrived. */
  flushed: number;
  requests: number;
  /** Requests with retries through cuts. */
  retried: number;
  published: number;
  big: number;
  reconnects: number;
}

/** The server's record of the messages of a client whose connection is cut. */
interface Marks {
  unheard: number[];
  stray: number;
}

/**
 * Traffic of every kind at once, over every kind of stream, for `minutes`: events, requests, topics and big messages, with
 * clients that stay connected and clients whose connections are cut all the time. No message may be lost or duplicated, and
 * memory must not grow in the server's process and in that of the clients.
 */
export async function soak({ minutes = 30, seed = freshSeed() } = {}): Promise<Figures> {
  const counts: Counts = {
    events: 0,
    flushed: 0,
    requests: 0,
    retried: 0,
    published: 0,
    big: 0,
    reconnects: 0,
  };
  const random = seeded(seed);
  const scenes = await Promise.all(
    (['local', 'tcp', 'tls'] as const).map((over) => Scene.open(over, random)),
  );
  const end = performance.now() + minutes * 60_000;
  const looks: { server: Report[]; own: Memory }[] = [];
  const look = async () => {
    const server = await Promise.all(scenes.map((scene) => scene.report()));
    looks.push({ server, own: await memory() });
  };
  const looking = (async () => {
    while (performance.now() < end) {
      await pause(Math.min(LOOK_MS, (minutes * 60_000) / 20));
      await look();
    }
  })();
  await Promise.all([looking, ...scenes.map((scene) => scene.play(end, counts))]);
  await look();
  await Promise.all(scenes.map((scene) => scene.close()));

  const held = scenes.map((_, i) => looks.map(({ server }) => (server[i] as Report).held));
  const own = looks.map((look) => look.own.held);
  const figures: Figures = { minutes, seed, ...counts, lost: 0, doubled: 0 };
  for (const [i, scene] of scenes.entries()) figures[`${scene.over}_server_MiB`] = flat(held[i] as number[]);
  figures.clients_MiB = flat(own);
  return figures;
}

/** Reports the memory between big messages over time, and checks that it did not grow, if there are enough measurements to tell. */
function flat(held: number[]): string {
  const third = Math.floor(held.length / 3);
  if (third < FEW) return held.join(', ');
  const early = Math.min(...held.slice(third, 2 * third));
  const late = Math.min(...held.slice(-third));
  hold(late - early < GROWTH_MIB, `memory grew from ${early} to ${late} MiB: ${held.join(' ')}`);
  return `${early} -> ${late}, at most ${Math.max(...held)}`;
}

/** One server with its clients. */
class Scene {
  readonly over: Over;
  readonly #target: Target;
  readonly #asker: Client;
  readonly #witness: Witness;
  /** The proxy that cuts its connections, on a local socket. */
  readonly #meddler: Meddler | undefined;

  private constructor(target: Target, asker: Client, witness: Witness, meddler: Meddler | undefined) {
    this.over = target.over;
    this.#target = target;
    this.#asker = asker;
    this.#witness = witness;
    this.#meddler = meddler;
  }

  static async open(over: Over, random: () => number): Promise<Scene> {
    const target = await new Target(over).start();
    const asker = await target.connect({ requestTimeout: 60_000 }).ready();
    const witness = await new Witness(target.connect()).start();
    const mischief = { delay: 0.05, split: 0.02, merge: 0.05, cut: 0 };
    const meddler = over === 'local' ? await new Meddler(target.path, random, mischief).listen() : undefined;
    return new Scene(target, asker, witness, meddler);
  }

  report(): Promise<Report> {
    return this.#target.report(this.#asker);
  }

  async play(end: number, counts: Counts): Promise<void> {
    const parts = [this.#ask(end, counts), this.#publish(end, counts), this.#send(end, counts)];
    if (this.#meddler !== undefined) parts.push(this.#reconnect(this.#meddler, end, counts));
    await Promise.all(parts);
  }

  async close(): Promise<void> {
    await this.#witness.stop();
    this.#witness.client.destroy();
    await this.#asker.close();
    await this.#target.stop();
  }

  /** Sends requests on a connection that is not cut. Each must get the right answer. */
  async #ask(end: number, counts: Counts): Promise<void> {
    for (let n = 0; performance.now() < end; n += 10) {
      const numbers = Array.from({ length: 10 }, (_, i) => n + i);
      const answers = await Promise.all(numbers.map((number) => this.#asker.request('triple', number)));
      for (const [i, answer] of answers.entries()) hold(answer === (n + i) * 3, `a wrong answer: ${answer}`);
      counts.requests += 10;
      await pause(5);
    }
  }

  /** Publishes under topics. Every message must reach every subscriber once and in order. */
  async #publish(end: number, counts: Counts): Promise<void> {
    const listeners = [this.#target.connect(), this.#target.connect()];
    const heard = listeners.map(() => 0);
    for (const [i, listener] of listeners.entries()) {
      const patterns = i === 0 ? ['soak.numbers'] : ['soak.*'];
      await listener.subscribe(patterns, (number: number) => {
        hold(number === heard[i], `a subscriber heard ${number} in place of ${heard[i]}`);
        heard[i] = number + 1;
      });
    }
    let said = 0;
    while (performance.now() < end) {
      for (let i = 0; i < 10; i++) this.#asker.publish('soak.numbers', said++);
      counts.published += 10;
      await pause(5);
    }
    await this.#asker.ping();
    for (const listener of listeners) await listener.ping();
    hold(
      heard.every((count) => count === said),
      `of ${said} published messages ${heard.join(' and ')} were heard`,
    );
    for (const listener of listeners) await listener.close();
  }

  /** Sends big messages. Each must be echoed unchanged. */
  async #send(end: number, counts: Counts): Promise<void> {
    const client = await this.#target.connect({ requestTimeout: 60_000 }).ready();
    while (performance.now() < end) {
      const text = `${Math.random()}äöü\f`.repeat(Math.ceil((Math.random() * BIG) / 24));
      const back = new Promise<string>((resolve) => client.once('echo', resolve));
      client.emit('echo', text);
      hold(digest(await back) === digest(text), `a message of ${text.length} characters came back otherwise`);
      counts.big++;
      await pause(200);
    }
    await client.close();
  }

  /** A client whose connection is cut repeatedly. Each request must be answered by one run, and flushed messages must arrive. */
  async #reconnect(meddler: Meddler, end: number, counts: Counts): Promise<void> {
    const client = await this.#target.connect({ retry: 1 }, meddler.path).ready();
    client.on('ipc:reconnect', () => counts.reconnects++);
    let connections = 0;
    client.on('connect', () => connections++);
    const options = { retries: Number.POSITIVE_INFINITY, timeout: 60_000 };
    const cutting = setInterval(() => meddler.cut(), CUT_MS);
    let asked = 0;
    try {
      for (let said = 0; performance.now() < end; said += 10, asked++) {
        const answer = client.request('double', asked, options);
        const [before, connected] = [connections, client.connected];
        const numbers = Array.from({ length: 10 }, (_, i) => said + i);
        for (const number of numbers) client.emit('mark', number);
        const { unheard, stray } = (await client.request('unheard', numbers, options)) as Marks;
        const flushed = connected && connections === before;
        if (flushed) counts.flushed += 10;
        hold(!flushed || unheard.length === 0, `of ${numbers} the server did not hear ${unheard}`);
        hold(stray === 0, `${stray} messages came twice or out of order`);
        hold((await answer) === asked * 2, `a wrong answer: ${await answer}`);
        counts.events += 10;
        counts.retried++;
      }
    } finally {
      clearInterval(cutting);
    }
    const { ranOnce, ranTwice } = await this.report();
    hold(
      ranOnce === asked && ranTwice === 0,
      `${asked} requests made ${ranOnce} runs, ${ranTwice} of them again`,
    );
    await client.close();
  }
}

function digest(text: string): string {
  return createHash('sha1').update(text).digest('hex');
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}
