import type { Client } from '../../lib/client.js';
import { freshCertificates, type Pair } from '../support/certificates.js';
import { once } from '../support/events.js';
import { freshIPC } from '../support/instances.js';
import { ATTACKS, LIMITS } from './attacks.js';
import { Enemy } from './enemy.js';
import { imposters } from './imposters.js';
import type { Memory } from './memory.js';
import { type Figures, hold } from './promise.js';
import { strangers } from './strangers.js';
import { type Over, type Report, Target } from './target.js';
import { Witness } from './witness.js';

/** The memory that a server may hold after an attack beyond what it held before, in mebibytes. */
const SPREAD = 48;

/**
 * Hostile peers attack servers in separate processes, over every kind of stream. An attack must not affect other peers: a
 * well-behaved client sends numbered messages all the time, and the campaign measures the server's memory after each attack.
 */
export async function soak({ rounds = 10, only = '', over = '' } = {}): Promise<Figures> {
  if (over === 'strangers') return strangers(String(only));
  const figures: Figures = { attacks: 0, numbers: 0, lost: 0, doubled: 0, slowest_ms: 0 };
  for (const kind of ['local', 'tcp', 'tls'] as const) {
    if (kind.includes(over)) await besiege(kind, rounds, String(only), figures);
  }
  if (over !== 'tcp') await besiegeGuarded(figures);
  if (over !== 'local') await besiegeCertificates(figures);
  if (over !== '') return { ...figures, ...(over === 'local' ? await imposters() : {}) };
  return { ...figures, ...(await imposters()), ...(await strangers()) };
}

async function besiege(over: Over, rounds: number, only: string, figures: Figures): Promise<void> {
  const target = await new Target(over, { settings: LIMITS }).start();
  const client = await target.connect().ready();
  client.handle('answer', (number: number) => number + 1);
  const witness = await new Witness(target.connect()).start();
  const attacks = Object.entries(ATTACKS).filter(([name]) => new RegExp(only).test(name));
  let before: Memory | undefined;
  let peak = 0;
  for (let round = 0; round < rounds; round++) {
    for (const [name, attack] of attacks) {
      let report: Report;
      try {
        await attack({ target, client });
        await witness.check(name);
        report = await alone(target, client);
      } catch (error) {
        target.stands();
        throw new Error(`over ${over}, ${name}: ${(error as Error).message}`, { cause: error });
      }
      hold(!report.polluted, `over ${over}, ${name}: a prototype was changed`);
      peak = Math.max(peak, report.resident);
      before ??= report;
      const more = report.held - before.held;
      hold(more < SPREAD, `over ${over}, ${name}: the server holds ${more.toFixed(1)} MiB more than before`);
      figures.attacks = Number(figures.attacks) + 1;
    }
  }
  await witness.stop();
  const { held } = await target.report(client);
  figures.numbers = Number(figures.numbers) + witness.heard;
  figures.slowest_ms = Math.max(Number(figures.slowest_ms), witness.slowest);
  figures[`${over}_held_MiB`] = `${before?.held} -> ${held}`;
  figures[`${over}_peak_MiB`] = peak;
  client.destroy();
  witness.client.destroy();
  await target.stop();
}

/** Returns the state of the server when only the client and the witness are left. */
async function alone(target: Target, client: Client): Promise<Report> {
  const end = performance.now() + 60_000;
  for (;;) {
    const report = await target.report(client);
    if (report.connections === 2) return report;
    hold(performance.now() < end, `${report.connections - 2} connections of enemies stayed`);
  }
}

/** Attacks a server that requires credentials. It must disconnect peers without them, and deliver none of their messages. */
async function besiegeGuarded(figures: Figures): Promise<void> {
  const target = await new Target('local', { settings: LIMITS, secret: 'open sesame' }).start();
  const client = await target.connect({ credentials: 'open sesame' }).ready();
  const silent = new Enemy(target);
  await silent.cutOff('for saying nothing');
  for (const first of [{ type: 'injected' }, { type: 'ipc:hello', data: { credentials: 'wrong' } }]) {
    const enemy = new Enemy(target);
    await enemy.say(first, { type: 'injected' });
    await enemy.cutOff('for its credentials');
  }
  hold((await target.report(client)).injected === 0, 'a peer without credentials was heard');
  figures.attacks = Number(figures.attacks) + 3;
  client.destroy();
  await target.stop();
}

/** Attacks with certificates that must not be trusted, on either side. */
async function besiegeCertificates(figures: Figures): Promise<void> {
  const files = freshCertificates();
  const trust = { trustedConnections: files.ca, requestCert: true, rejectUnauthorized: true };
  const identity = ({ key, cert }: Pair) => ({ private: key, public: cert });
  for (const [server, client] of [
    ['expired', 'client'],
    ['wrongHost', 'client'],
    ['stranger', 'client'],
    ['server', 'stranger'],
  ] as const) {
    const listening = freshIPC({ tls: { ...trust, ...identity(files[server]) } }).serveNet('127.0.0.1', 0);
    let heard = 0;
    listening.on('secret', () => heard++);
    await listening.start();
    const tls = { trustedConnections: files.ca, ...identity(files[client]) };
    const calling = freshIPC({ tls, maxRetries: 0 }).connectToNet('target', '127.0.0.1', listening.port);
    const errors: string[] = [];
    calling.on('error', ({ code }) => errors.push(code));
    calling.emit('secret');
    await once(calling, 'destroy');
    // Node's server refuses a client's certificate without a reason.
    const told = client === 'stranger' || errors.includes('ERR_IPC_HANDSHAKE');
    hold(told, `the certificate of ${server} led to ${errors}`);
    await listening.stop({ timeout: 1 });
    hold(heard === 0, `something was said between ${server} and ${client}`);
    figures.attacks = Number(figures.attacks) + 1;
  }
}
