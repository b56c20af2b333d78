import { randomBytes } from 'node:crypto';
import type { Client } from '../../lib/client.js';
import { sendCollidingSet } from './colliding-set.js';
import { Enemy } from './enemy.js';
import { hold, until } from './promise.js';
import type { Target } from './target.js';

/** The limits of the attacked servers. They are small, so that an attack reaches them quickly. */
export const LIMITS = {
  maxMessageSize: 1024 * 1024,
  maxPendingBytes: 4 * 1024 * 1024,
  messageTimeout: 1000,
  // On a busy machine the handshakes of an attack itself may need most of this time.
  handshakeTimeout: 2000,
  maxConnections: 60,
};

/** The parts of an attack: the server, and a well-behaved client that sends requests to it. */
export interface Scene {
  target: Target;
  client: Client;
}

type Attack = (scene: Scene) => Promise<void>;

/** Attacks that every kind of server must survive. Each attack ends when its own connections are closed. */
export const ATTACKS: Record<string, Attack> = {
  async 'a frame byte by byte'({ target }) {
    const enemy = new Enemy(target);
    const heard = enemy.hear('slow and whole');
    enemy.socket.setNoDelay();
    // The writes have no pause, because the server ends a connection whose frame takes longer than messageTimeout.
    for (const byte of Buffer.from('{"type":"echo","data":"slow and whole"}\f'))
      enemy.socket.write(Buffer.of(byte));
    await heard;
    enemy.leave();
  },

  async 'half a frame, then silence'({ target }) {
    const enemy = new Enemy(target);
    await enemy.write('{"type":"echo","da');
    await enemy.cutOff('for its silence');
  },

  async 'a frame without end'({ target }) {
    const enemy = new Enemy(target);
    const piece = Buffer.alloc(64 * 1024, 'x');
    const since = performance.now();
    while (!enemy.socket.destroyed && performance.now() - since < 60_000) await enemy.write(piece);
    hold(enemy.socket.destroyed, 'an endless frame was taken in');
  },

  async 'a frame just longer than allowed, at once'({ target }) {
    const enemy = new Enemy(target);
    await enemy.write(`{"type":"echo","data":"${'x'.repeat(LIMITS.maxMessageSize)}"}\f`);
    await enemy.cutOff('for its long frame');
  },

  async 'never reading what is broadcast'({ target, client }) {
    const enemies = [new Enemy(target), new Enemy(target)];
    for (const enemy of enemies) {
      enemy.socket.pause();
      await enemy.say({ type: 'number', data: -1 });
    }
    const gone = (await target.report(client)).errors.ERR_IPC_BACKPRESSURE ?? 0;
    let news = 0;
    client.on('news', () => news++);
    for (let i = 0; i < 64; i++) await client.request('broadcast', { size: 65_536, count: 4 });
    client.off('news', '*');
    hold(news === 256, `of 256 broadcasts beside a peer that never reads ${news} were heard`);
    const now = (await target.report(client)).errors.ERR_IPC_BACKPRESSURE ?? 0;
    hold(
      now === gone + enemies.length,
      `of ${enemies.length} peers that never read ${now - gone} were cut off`,
    );
    for (const enemy of enemies) await enemy.cutOff('for never reading');
  },

  async 'asking for gifts and never reading them'({ target, client }) {
    const enemy = new Enemy(target);
    enemy.socket.pause();
    const stuck = async () => (await target.report(client)).errors.ERR_IPC_BACKPRESSURE ?? 0;
    const before = await stuck();
    for (let id = 1; id <= 200; id++) await enemy.say({ type: 'gift', data: 65_536, id });
    await until('the server has too much for a peer that never reads', async () => (await stuck()) > before);
    await enemy.cutOff('for asking and never reading');
  },

  async 'credit for items that were never sent'({ target }) {
    const enemy = new Enemy(target);
    await enemy.say({ type: 'ipc:stream', data: { type: 'numbers', items: 2, bytes: 1000 }, id: 1 });
    await enemy.say({ type: 'ipc:credit', data: { id: 1, seq: 1_000_000, items: 1, bytes: 1 } });
    await enemy.cutOff('for its dishonest credit');
  },

  async 'items without credit, after the end, and of no call'({ target }) {
    const enemy = new Enemy(target);
    for (let id = 10; id < 60; id++)
      await enemy.say({ type: 'ipc:item', data: { id, seq: 1, item: 'late' } });
    await enemy.say({
      type: 'ipc:stream',
      data: { type: 'swallow', items: 2, bytes: 1000, body: true },
      id: 1,
    });
    await enemy.say({ type: 'ipc:item', data: { id: 1, seq: 7, item: 'out of order' } });
    await enemy.cutOff('for its item out of order');
  },

  async 'a body without end'({ target }) {
    const enemy = new Enemy(target);
    await enemy.say({
      type: 'ipc:stream',
      data: { type: 'swallow', items: 2, bytes: 1000, body: true },
      id: 1,
    });
    await pause(50);
    const item = 'x'.repeat(64 * 1024);
    for (let seq = 1; seq <= 200 && !enemy.socket.destroyed; seq++) {
      await enemy.say({ type: 'ipc:item', data: { id: 1, seq, item } });
    }
    await enemy.cutOff('for its endless body');
  },

  async 'more than a thousand open streams with all the credit there is'({ target }) {
    const enemy = new Enemy(target);
    enemy.socket.pause();
    for (let id = 1; id <= 1100 && !enemy.socket.destroyed; id++) {
      await enemy.say({ type: 'ipc:stream', data: { type: 'numbers', items: 2 ** 40, bytes: 2 ** 40 }, id });
    }
    await pause(200);
    enemy.leave();
  },

  async 'more connections than allowed'({ target, client }) {
    const enemies = Array.from({ length: 3 * LIMITS.maxConnections }, () => new Enemy(target));
    for (const { socket } of enemies) socket.resume();
    await until('connections over the limit are closed', () => {
      return enemies.filter(({ socket }) => !socket.destroyed).length < LIMITS.maxConnections;
    });
    const { connections } = await target.report(client);
    hold(connections <= LIMITS.maxConnections, `${connections} connections were let in`);
    for (const enemy of enemies) enemy.leave();
  },

  async 'coming and going'({ target }) {
    for (let i = 0; i < 50; i++) {
      const enemy = new Enemy(target);
      if (i % 2) await enemy.write('{"type":');
      enemy.leave();
    }
  },

  async 'ending its half only'({ target }) {
    const enemy = new Enemy(target, { allowHalfOpen: true });
    await enemy.say({ type: 'echo', data: 'x' });
    enemy.socket.end();
    await enemy.cutOff('when it ended its half');
  },

  async 'resets in the middle of a frame'({ target }) {
    for (let i = 0; i < 20; i++) {
      const enemy = new Enemy(target);
      await enemy.write('{"type":"echo","data":"');
      if (target.over === 'tcp') enemy.socket.resetAndDestroy();
      else enemy.leave();
    }
  },

  async 'names that mean something here'({ target }) {
    const names = [
      'connect',
      'disconnect',
      'error',
      'start',
      'close',
      'socket.disconnected',
      'data',
      '*',
      '',
    ];
    const inherited = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf', 'then'];
    const control = ['hello', 'welcome', 'bye', 'ping', 'message', 'publish', 'subscribe', 'unsubscribe', ''];
    const types = [...names, ...inherited, ...control.map((name) => `ipc:${name}`)];
    const payloads = [undefined, null, 0, '', [], [null], 'x', { id: {} }, { session: {} }, { topic: 1 }];
    for (const data of payloads) {
      const enemy = new Enemy(target);
      const heard = enemy.hear('still here');
      const packets = types.flatMap((type) => [
        { type, data },
        { type, data, id: 7 },
        { type, data, re: 7 },
      ]);
      await enemy.say(...packets, { type: 'echo', data: 'still here' });
      await heard;
      enemy.leave();
    }
  },

  async 'payloads that reach for prototypes'({ target }) {
    const enemy = new Enemy(target);
    const heard = enemy.hear('still here');
    for (const type of ['echo', 'ipc:hello', 'ipc:bye', 'ipc:publish', '__proto__']) {
      await enemy.write(`{"type":"${type}","data":{"__proto__":{"polluted":1},"id":{"__proto__":{}}}}\f`);
      await enemy.write(`{"type":"${type}","data":{"constructor":{"prototype":{"polluted":1}}},"id":1}\f`);
    }
    await enemy.write(`{"__proto__":{"polluted":1},"type":"echo","data":"still here"}\f`);
    await heard;
    enemy.leave();
  },

  async 'a welcome out of turn'({ target }) {
    const enemy = new Enemy(target);
    const heard = enemy.hear('still here');
    const welcome = { type: 'ipc:welcome', data: { id: 'x', codec: 'msgpack', compress: true } };
    await enemy.say(welcome, welcome, { type: 'echo', data: 'still here' });
    await heard;
    enemy.leave();
  },

  async 'answers to what nobody asked'({ target, client }) {
    const enemy = new Enemy(target);
    const forged = Array.from({ length: 2000 }, (_, i) => ({ type: 'answer', data: 'forged', re: i + 1 }));
    const asked = Promise.all(Array.from({ length: 100 }, (_, i) => client.request('ask', i)));
    await enemy.say(...forged);
    await enemy.say(...forged.map(({ re }) => ({ type: 'answer', re, error: { message: 'forged' } })));
    hold(
      (await asked).every((answer, i) => answer === i + 1),
      'a forged answer was taken',
    );
    enemy.leave();
  },

  async 'nested deeper than any stack'({ target }) {
    for (const [open, close] of [
      ['[', ']'],
      ['{"a":', '}'],
    ] as const) {
      const enemy = new Enemy(target);
      const heard = enemy.hear('still here');
      for (const depth of [3000, 10_000, 100_000]) {
        const deep = open.repeat(depth) + (open === '[' ? '' : '0') + close.repeat(depth);
        await enemy.write(`{"type":"echo","data":${deep}}\f{"type":"double","data":${deep},"id":1}\f`);
        await enemy.write(`{"type":"ipc:publish","data":{"topic":"x","data":${deep}}}\f`);
      }
      await enemy.say({ type: 'echo', data: 'still here' });
      await heard;
      enemy.leave();
    }
  },

  async 'an HTTP request with frames in its body'({ target, client }) {
    const injected = '{"type":"injected","data":1}';
    const paths = ['/', `/${'a'.repeat(100_000)}`, `/\f${injected}\f`, '*', 'http://localhost/'];
    for (const [i, method] of ['POST', 'GET', 'PUT', 'OPTIONS', 'POST'].entries()) {
      const enemy = new Enemy(target);
      const body = `\f${injected}\f${injected}\f`;
      const head = `${method} ${paths[i]} HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nContent-Length: ${body.length}\r\n`;
      await enemy.write(`${head}\r\n${body}`);
      await enemy.cutOff('for speaking HTTP');
    }
    const report = await target.report(client);
    hold(report.injected === 0, `${report.injected} frames of an HTTP body were taken for packets`);
  },

  async 'Sets of numbers that collide'({ target }) {
    await sendCollidingSet(new Enemy(target));
  },

  async 'random bytes'({ target }) {
    for (let i = 0; i < 20; i++) {
      const enemy = new Enemy(target);
      await enemy.write(randomBytes(50_000));
      await enemy.write('\f');
      enemy.leave();
    }
  },

  async 'bytes that are not TLS, or silence, in place of a handshake'({ target }) {
    const garbage = [
      randomBytes(2000),
      '{"type":"echo"}\f',
      'GET / HTTP/1.1\r\n\r\n',
      '',
      '\x16\x03\x01\x02',
    ];
    for (const bytes of garbage) {
      const enemy = new Enemy(target, { bare: true });
      if (bytes !== '') await enemy.write(bytes);
      if (target.over === 'tls') await enemy.cutOff('for its handshake');
      enemy.leave();
    }
  },

  async 'one hello after the other'({ target }) {
    const enemy = new Enemy(target);
    enemy.socket.resume();
    for (let i = 0; i < 3000; i++) {
      await enemy.say({ type: 'ipc:hello', data: { session: `${i}`.padStart(1000, 's'), retries: true } });
    }
    enemy.leave();
  },

  async 'sessions that leave much to remember'({ target }) {
    const enemy = new Enemy(target);
    enemy.socket.resume();
    for (let i = 0; i < 20; i++) {
      await enemy.say({ type: 'ipc:hello', data: { session: `rich ${i}`, retries: true } });
      for (let id = 1; id <= 4; id++) {
        const heard = enemy.hear(`"re":${id}`);
        await enemy.say({ type: 'gift', data: 900_000, id });
        await heard;
        enemy.socket.removeAllListeners('data');
        enemy.socket.resume();
      }
    }
    enemy.leave();
  },

  async 'sessions with names of a megabyte'({ target }) {
    const enemy = new Enemy(target);
    enemy.socket.resume();
    const name = 'n'.repeat(900_000);
    for (let i = 0; i < 100; i++) {
      await enemy.say({ type: 'ipc:hello', data: { session: `${name}${i}`, retries: true } });
    }
    enemy.leave();
  },

  async 'subscriptions without end'({ target, client }) {
    const enemies = Array.from({ length: 10 }, () => new Enemy(target));
    for (const [index, enemy] of enemies.entries()) {
      enemy.socket.resume();
      for (let part = 0; part < 12; part++) {
        const topics = Array.from({ length: 1000 }, (_, i) => `t.${index}.${part}.${i}.${'>'}`);
        await enemy.say({ type: 'ipc:subscribe', data: topics });
      }
      await enemy.say({ type: 'ipc:publish', data: { topic: 't.1.1.1.x', data: 'x' } });
    }
    for (const enemy of enemies) enemy.leave();
    await client.ping();
  },
};

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}
