import { createSocket } from 'node:dgram';
import { setTimeout as pause } from 'node:timers/promises';
import type { Server } from '../../../lib/server.js';
import { afterwards } from '../../support/afterwards.js';
import { once } from '../../support/events.js';
import { freshIPC, type Settings } from '../../support/instances.js';
import { freshPath } from '../../support/places.js';
import { Enemy } from '../enemy.js';
import { hold } from '../promise.js';
import type { StrangerAttack } from '../strangers.js';
import { Target } from '../target.js';
import { costOf, SECRET } from './scene.js';

const MEBIBYTE = 1024 * 1024;

/** Attacks with the bytes that strangers write to a port or a socket. */
export const wireAttacks: Record<string, StrangerAttack> = {
  async 'HTTP POST of any length, with any delimiter, in any dialect'() {
    const servers: [Settings, string, (body: string) => string][] = [
      [{}, '\f', (body) => body],
      [{ delimiter: '||' }, '||', (body) => body],
      [{ accept: ['json', 'topic', 'net-ipc'] }, '\f', (body) => body],
      [{ accept: ['topic'] }, '\0\0', () => '{"topic":"injected","message":1}'],
    ];
    let posts = 0;
    for (const [settings, delimiter, frame] of servers) {
      const target = await new Target('tcp', { settings }).start();
      const client = settings.accept === undefined ? await target.connect(settings).ready() : undefined;
      for (const length of [10, 4000, 4090, 4095, 4096, 4097, 8000, 100_000]) {
        const injected = frame('{"type":"injected","data":1}');
        const path = `/${delimiter === '||' ? `a||${injected}||` : ''}`.padEnd(length, 'a');
        const body = `${delimiter}${injected}${delimiter}`;
        const enemy = new Enemy(target);
        await enemy.write(
          `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
        );
        await enemy.cutOff('for speaking HTTP');
        posts++;
      }
      if (client !== undefined) {
        const { injected } = await target.report(client);
        hold(injected === 0, `${injected} events of a web page were delivered`);
        client.destroy();
      } else hold(!target.program?.stdout.includes('injected'), 'an event of a web page was delivered');
      await target.stop();
    }
    return `${posts} POSTs; 0 events delivered`;
  },

  async 'garbage, unfinished hellos, a large hello and unread pings before admission'() {
    const { processor, resident, slowest, logged } = await costOf({ secret: SECRET }, async (target) => {
      const garbage = new Enemy(target);
      await garbage.write('x\f'.repeat(800_000));
      await garbage.cutOff('for its garbage');
      const hello = '{"type":"ipc:hello","data":{"credentials":[';
      const unfinished = Array.from({ length: 20 }, () => new Enemy(target));
      await Promise.all(
        unfinished.map(async (enemy) => {
          const piece = 'x'.repeat(MEBIBYTE);
          await enemy.write(`${hello}"`);
          for (let sent = 0; sent < 63 && !enemy.socket.destroyed; sent++) await enemy.write(piece);
          await enemy.cutOff('for its unfinished hello');
        }),
      );
      const large = new Enemy(target);
      await large.write(`${hello}${'{},'.repeat((63 * MEBIBYTE) / 3)}{}]}}\f`);
      await large.cutOff('for its large hello');
      const pings = new Enemy(target);
      pings.socket.pause();
      await pings.write('{"type":"ipc:ping","data":{},"id":1}\f'.repeat(100_000));
      await pings.cutOff('for its pings');
    });
    hold(processor < 5000, `the server was busy for ${processor} ms`);
    hold(resident < 128, `the server grew by ${resident} MiB`);
    hold(logged < 100_000, `${logged} characters were logged`);
    return `${processor} ms of processor, ${resident} MiB more at most, ${logged} characters of log; another client waited ${slowest} ms at most`;
  },

  async 'garbage after admission'() {
    const { processor, logged, report } = await costOf({}, async (target) => {
      const enemy = new Enemy(target);
      await enemy.write('x\f'.repeat(800_000));
      await enemy.cutOff('for its garbage');
    });
    const reports = (report.errors.ERR_IPC_DECODE ?? 0) + (report.errors.ERR_IPC_PROTOCOL ?? 0);
    hold(reports < 200, `${reports} errors were reported`);
    return `${reports} errors, ${logged} characters of log, ${processor} ms of processor`;
  },

  async 'names of 60 MiB, and names of prototypes'() {
    const { resident, report } = await costOf({}, async (target) => {
      const enemy = new Enemy(target);
      const name = 'n'.repeat(60 * MEBIBYTE);
      await enemy.write(`{"type":"${name}","id":1}\f{"type":"${name}"}\f`);
      await enemy.say({ type: 'echo', data: 'still here' });
      await enemy.hear('still here');
      enemy.leave();
    });
    hold(!report.polluted, 'a prototype was changed');
    hold(resident < 400, `the server grew by ${resident} MiB`);
    const ipc = freshIPC({ maxRetries: 0 });
    const errors: string[] = [];
    for (const id of ['__proto__', 'constructor', 'toString']) {
      const client = ipc.connectTo(id, freshPath());
      client.on('error', ({ code }) => errors.push(code));
      await once(client, 'destroy');
      hold(ipc.of[id] === client, `ipc.of.${id} is another object`);
      ipc.disconnect(id);
    }
    hold(Object.keys(ipc.of).length === 0, 'clients were left behind');
    return `${resident} MiB more at most; 3 clients named after prototypes ended (${[...new Set(errors)].join(', ')})`;
  },

  async 'small datagrams with forged senders'() {
    const bytes: number[] = [];
    let asked = 0;
    for (const udp of [{}, { maxAnswerRatio: 1 }]) {
      const server = await freshIPC({ udp }).serveNet('127.0.0.1', 0, 'udp4').start();
      server.handle('report', () => 'r'.repeat(500));
      const victim = createSocket('udp4').bind(0, '127.0.0.1');
      afterwards(() => victim.close());
      await once(victim as never, 'listening');
      let came = 0;
      victim.on('message', (datagram) => {
        came += datagram.length;
      });
      asked = 0;
      for (let id = 1; id <= 100; id++) {
        const request = Buffer.from(`{"type":"report","id":${id}}\f`);
        asked += request.length;
        victim.send(request, (server as unknown as Server).port as number, '127.0.0.1');
        await pause(1);
      }
      await pause(200);
      bytes.push(came);
      await server.stop();
    }
    const [free = 0, bound = 0] = bytes;
    hold(free > 0 && bound <= asked, `${bound} bytes answered ${asked}`);
    return `${asked} bytes were answered with ${free}, and with ${bound} where udp.maxAnswerRatio is 1`;
  },
};
