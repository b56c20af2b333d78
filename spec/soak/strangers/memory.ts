import { createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { DEFAULT_LIMITS } from '../../../entities/limits.js';
import { msgpackCodec } from '../../../lib/codecs/msgpack.js';
import { Channel } from '../../../services/channel/index.js';
import { afterwards } from '../../support/afterwards.js';
import { freshRendezvous, PeerProcess } from '../../support/channels.js';
import { collidingDoubles } from '../../support/collisions.js';
import { once } from '../../support/events.js';
import { freshPath } from '../../support/places.js';
import { start } from '../../support/processes.js';
import { sendCollidingSet } from '../colliding-set.js';
import { Enemy } from '../enemy.js';
import { memory } from '../memory.js';
import { hold } from '../promise.js';
import type { StrangerAttack } from '../strangers.js';
import { costOf } from './scene.js';

const MEBIBYTE = 1024 * 1024;
/** The limit of memory of all clients of an attacked server. */
const MOST = 16 * MEBIBYTE;

/** Attacks that make others keep memory or compute. */
export const memoryAttacks: Record<string, StrangerAttack> = {
  async 'a server that floods its client before the welcome'() {
    const path = freshPath();
    let sent = 0;
    const server = createServer((socket) => {
      socket.on('error', () => {});
      const frame = `{"type":"news","data":"${'x'.repeat(8 * MEBIBYTE)}"}\f`;
      for (let i = 0; i < 40; i++)
        socket.write(frame, (error) => {
          if (!error) sent += 8;
        });
    }).listen(path);
    afterwards(() => server.close());
    await once(server, 'listening');
    const client = start('spec/soak/programs/caller.ts', [path]);
    await client.waitForLine(/^calling$/);
    await pause(3000);
    client.process.stdin.end('over\n');
    const [, resident = ''] = await client.waitForLine(/^resident (\d+)$/);
    await client.kill();
    hold(Number(resident) < 256, `the client has ${resident} MiB resident`);
    return `of 320 MiB it took ${sent} MiB, with ${resident} MiB resident at most`;
  },

  async 'small answers that are kept for sessions'() {
    const { held, report } = await costOf({ settings: { maxTotalBytes: MOST } }, async (target) => {
      for (let session = 0; session < 10; session++) {
        const enemy = new Enemy(target);
        const heard = enemy.hear('"re":9000}');
        await enemy.say({ type: 'ipc:hello', data: { session: `${session}`, secret: 's', retries: true } });
        const asked = Array.from({ length: 9000 }, (_, i) => ({ type: 'triple', data: 1, id: i + 1 }));
        await enemy.say(...asked);
        await heard;
        enemy.leave();
      }
    });
    return bounded(held, `90,000 answers of 10 sessions`, report.errors);
  },

  async 'small MessagePack pings whose answers are never read'() {
    const ping = msgpackCodec(true).encode(['ipc:ping', null, 1, null, null], DEFAULT_LIMITS, 4);
    ping.writeUInt32LE(ping.length - 4);
    const pings = Buffer.concat(Array.from({ length: 20_000 }, () => ping));
    const { held, report, slowest } = await costOf({ settings: { maxTotalBytes: MOST } }, async (target) => {
      const enemies = Array.from({ length: 6 }, () => new Enemy(target));
      for (const enemy of enemies) {
        const welcome = enemy.hear('ipc:welcome');
        await enemy.say({ type: 'ipc:hello', data: { session: 'x', codecs: ['msgpack'] } });
        await welcome;
        enemy.socket.removeAllListeners('data');
        enemy.socket.pause();
        for (let i = 0; i < 10 && !enemy.socket.destroyed; i++) {
          await Promise.race([enemy.write(pings), pause(2000)]);
        }
      }
      for (const enemy of enemies) enemy.leave();
    });
    return `${bounded(held, '1,200,000 pings of 6 peers', report.errors)}; another client waited ${slowest} ms at most`;
  },

  async '10,000 topics of 1,000 characters for each connection'() {
    const { held, report } = await costOf({ settings: { maxTotalBytes: MOST } }, async (target, client) => {
      const enemies = Array.from({ length: 12 }, () => new Enemy(target));
      for (const [index, enemy] of enemies.entries()) {
        enemy.socket.resume();
        for (let part = 0; part < 10 && !enemy.socket.destroyed; part++) {
          const topics = Array.from({ length: 1000 }, (_, i) => `${index}.${part}.${i}.`.padEnd(1000, 't'));
          await enemy.say({ type: 'ipc:subscribe', data: topics });
        }
      }
      await client.ping();
      const during = (await target.report(client)).held;
      hold(during < 96, `the server held ${during} MiB`);
      for (const enemy of enemies) enemy.leave();
    });
    return bounded(held, '120,000 topics of 12 connections', report.errors);
  },

  async 'Sets of numbers, and request ids, that collide'() {
    const ids = collidingDoubles(20_000);
    const times: number[] = [];
    for (const numbers of [ids.map((_, i) => i + 0.5), ids]) {
      const { processor } = await costOf({}, async (target) => {
        const enemy = new Enemy(target);
        await enemy.say({ type: 'ipc:hello', data: { session: 'x', secret: 'x', retries: true } });
        const heard = enemy.hear(`"re":${numbers.at(-1)}}`);
        await enemy.say(...numbers.map((id) => ({ type: 'triple', data: 1, id })));
        await heard;
        enemy.leave();
      });
      times.push(processor);
    }
    const [ordinary = 0, colliding = 0] = times;
    const { slowest, report } = await costOf({}, (target) => sendCollidingSet(new Enemy(target)));
    hold(colliding < 5 * ordinary + 1000, `colliding ids took ${colliding} ms, others ${ordinary} ms`);
    hold(report.errors.ERR_IPC_PROTOCOL === 1, 'a Set of colliding numbers was taken');
    return `20,000 ids that collide take ${colliding} ms of processor, others ${ordinary} ms; a Set is refused, another client waited ${slowest} ms at most`;
  },

  async 'a member that SIGSTOP has stopped'() {
    const directory = freshRendezvous();
    const channel = new Channel({ name: 'peers', directory });
    afterwards(() => channel.close({ timeout: 0 }));
    const codes: Record<string, number> = {};
    channel.on('error', ({ code }) => {
      codes[code] = (codes[code] ?? 0) + 1;
    });
    await channel.ready();
    const member = new PeerProcess(directory);
    const number = await member.up();
    const before = await memory();
    member.signal('SIGSTOP');
    const text = 'x'.repeat(20_000);
    let taken = 0;
    const end = performance.now() + 5000;
    for (let i = 0; i < 20_000 && performance.now() < end; i++) {
      if (channel.to(number).send(text)) taken++;
      if (i % 100 === 0) await new Promise(setImmediate);
    }
    const after = await memory();
    member.signal('SIGKILL');
    const grown = Math.round(after.held - before.held);
    hold(grown < 160, `the sender holds ${grown} MiB more`);
    hold((codes.ERR_IPC_BACKPRESSURE ?? 0) > 0, 'the sender learnt nothing');
    return `the sender, which has the hub, holds ${grown} MiB more; ${Math.round((taken * 20_000) / MEBIBYTE)} MiB were taken, the rest refused with ERR_IPC_BACKPRESSURE`;
  },
};

/** The outcome of an attack against servers with a limit. */
function bounded(held: number, what: string, errors: Record<string, number>): string {
  const limit = MOST / MEBIBYTE;
  hold(held < 2 * limit, `${what}: the server holds ${held} MiB more, of ${limit}`);
  const cut = errors.ERR_IPC_OVERLOADED ?? 0;
  hold(cut > 0, `${what}: nobody was cut off`);
  return `${what}: ${held} MiB more with maxTotalBytes at ${limit} MiB; ${cut} times the largest was cut off`;
}
