import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { IPCClient, IPCServer } from '../../../services/ipc-server/index.js';
import { Client as NetClient, Server as NetServer } from '../../../services/net-ipc/index.js';
import { afterwards } from '../../support/afterwards.js';
import { freshCertificates } from '../../support/certificates.js';
import { once } from '../../support/events.js';
import { freshIPC } from '../../support/instances.js';
import { freshPath } from '../../support/places.js';
import { Enemy } from '../enemy.js';
import { hold } from '../promise.js';
import type { StrangerAttack } from '../strangers.js';
import { Target } from '../target.js';

const ASKED = { type: 'double', data: 1, id: 1 };

function hello(session: string): object {
  return { type: 'ipc:hello', data: { session, secret: session, retries: true } };
}

/** Sends a request in a session, over a connection that stays open for some milliseconds. */
async function ask(target: Target, session: string, request: object, connectedFor = 0): Promise<void> {
  const enemy = new Enemy(target);
  const heard = enemy.hear('"re":1}');
  await enemy.say(hello(session), request);
  await heard;
  await pause(connectedFor);
  enemy.leave();
}

/** Makes the victim repeat its request, whose handler must have run once in total. */
async function askAgain(target: Target): Promise<string> {
  for (let i = 0; i < 5; i++) await ask(target, 'the victim', ASKED);
  const client = await target.connect().ready();
  const { ranOnce, ranTwice } = await target.report(client);
  client.destroy();
  await target.stop();
  const runs = ranOnce + ranTwice;
  hold(runs === 1, `the handler ran ${runs} times`);
  return `asked 6 times in all, its request ran ${runs} time`;
}

/** Attacks with claimed identities. */
export const identityAttacks: Record<string, StrangerAttack> = {
  async 'publishing under the names of events'() {
    const path = freshPath();
    const server = new IPCServer({ path });
    await server.start();
    const [client, stranger] = [new IPCClient({ path }), new IPCClient({ path })];
    for (const one of [client, stranger]) await one.connect();
    let messages = 0;
    let others = 0;
    client.on('message', () => messages++);
    for (const name of ['close', 'ready', 'status', 'request']) client.on(name, () => others++);
    await client.subscribe(['error', '*']);
    for (const name of ['error', 'close', 'ready', 'status', 'request', 'message', '__proto__']) {
      await stranger.publish(name, { from: 'a stranger' });
    }
    await client.ping();
    hold(others === 0, `${others} events of the client's own were triggered`);
    for (const one of [client, stranger]) await one.close();
    await server.close();
    return `7 publications; ${messages} arrived as messages, none as an event of the client's own, no exception`;
  },

  async '1,100 hellos while another client is away'() {
    const target = await new Target('tcp').start();
    await ask(target, 'the victim', ASKED);
    for (let i = 0; i < 1100; i += 50) {
      await Promise.all(
        Array.from({ length: 50 }, async (_, k) => {
          const socket = connect({
            host: target.path,
            port: target.port as number,
            localAddress: '127.0.0.2',
          });
          socket.on('error', () => {});
          socket.write(`${JSON.stringify(hello(`${i + k}`))}\f{"type":"triple","data":1,"id":1}\f`);
          await new Promise((resolve) => socket.once('data', resolve));
          socket.destroy();
        }),
      );
    }
    return await askAgain(target);
  },

  async '1,100 sessions of one more client of a local socket'() {
    const target = await new Target('local').start();
    // The victim stays connected longer than each of the others, but not longer than that.
    await ask(target, 'the victim', ASKED, 1000);
    for (let i = 0; i < 1100; i += 50) {
      const others = Array.from({ length: 50 }, (_, k) =>
        ask(target, `${i + k}`, { type: 'triple', data: 1, id: 1 }),
      );
      await Promise.all(others);
    }
    return await askAgain(target);
  },

  async "another client's session, and its id of net-ipc's"() {
    const target = await new Target('local').start();
    const victim = new Enemy(target);
    let heard = victim.hear('"re":1}');
    const hello = { session: 'the victim', secret: 'known to nobody', retries: true };
    await victim.say({ type: 'ipc:hello', data: hello }, { type: 'double', data: 21, id: 1 });
    await heard;
    let stolen = 0;
    for (const secret of [undefined, '', 'guessed']) {
      const thief = new Enemy(target);
      thief.socket.on('data', (chunk: Buffer) => {
        if (chunk.toString().includes('"data":42')) stolen++;
      });
      heard = thief.hear('"re":1,');
      await thief.say({ type: 'ipc:hello', data: { ...hello, secret } }, { type: 'nothing', id: 1 });
      await heard;
      thief.leave();
    }
    victim.leave();
    await target.stop();
    hold(stolen === 0, `${stolen} answers were stolen`);

    const path = freshPath();
    const server = new NetServer({ path, retries: 5 });
    await server.start();
    const owner = await new NetClient({ path }).connect();
    const [connection] = server.connections;
    const gone = once(server, 'disconnect');
    owner.destroy();
    await gone;
    const waits = connection?.send('for the owner alone');
    const thief = new NetClient({ path });
    thief.id = owner.id;
    let overheard = 0;
    thief.on('message', () => overheard++);
    await thief.connect();
    await thief.ping();
    const heardByOwner = once(owner, 'message');
    await owner.connect();
    await heardByOwner;
    await waits;
    for (const one of [owner, thief]) await one.close();
    await server.close();
    hold(overheard === 0 && thief.id !== owner.id, 'an id was stolen');
    return '4 attempts; no answer and no message went to the thief';
  },

  async 'settings that would protect nothing'() {
    const { server, ca } = freshCertificates();
    const identity = { private: server.key, public: server.cert };
    const late = freshIPC();
    const open = late.serve(freshPath());
    late.config.authorize = () => false;
    const codes = [
      await refusal(() => open.start()),
      await refusal(() => freshIPC({ tls: identity }).serveNet('127.0.0.1', 0, 'udp4').start()),
      await refusal(() =>
        freshIPC({ authorize: () => false })
          .serveNet('127.0.0.1', 0, 'udp4')
          .start(),
      ),
      await refusal(() =>
        freshIPC({ tls: { ...identity, trustedConnections: ca } })
          .serveNet('127.0.0.1', 0)
          .start(),
      ),
      await refusal(() =>
        freshIPC({ sameUser: true, maxRetries: 0 }).connectTo('x', '\0an-abstract-name').ready(),
      ),
    ];
    hold(
      codes.every((code) => code === 'ERR_IPC_CONFIG'),
      `they were refused with ${codes}`,
    );
    return `${codes.length} of ${codes.length} refused with ERR_IPC_CONFIG`;
  },

  async 'texts with line breaks and escape sequences, and a password in a malformed frame'() {
    const lines: string[] = [];
    const logger = (line: string) => lines.push(line);
    const server = await freshIPC({ silent: false, logger }).serve(freshPath()).start();
    server.on('error', ({ message }) => lines.push(message));
    afterwards(() => server.stop());
    const mean = 'x\nERROR forged\u001b[2J\u202e';
    const socket = connect(server.path);
    socket.resume();
    const frames = [
      { type: 'x', data: { id: mean } },
      { type: `ipc:${mean}${'z'.repeat(1024 * 1024)}` },
      { type: mean, id: mean },
      { type: 'ipc:publish', data: { topic: `*.${mean}` } },
      { type: 'ipc:subscribe', data: [`>.${mean}`] },
    ];
    socket.write(frames.map((frame) => `${JSON.stringify(frame)}\f`).join(''));
    socket.write('{"type":"login","data":{"password":"hunter2"}\f');
    socket.end();
    await once(server, 'disconnect');
    await pause(20);
    await server.stop();
    const raw = lines.filter((line) => /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(line));
    const longest = Math.max(...lines.map((line) => line.length));
    hold(raw.length === 0, `raw in the log: ${JSON.stringify(raw)}`);
    hold(!lines.some((line) => line.includes('hunter2')), 'a password was logged');
    hold(longest < 1000, `a line has ${longest} characters`);
    return `${lines.length} lines, none raw and none with the password; the longest has ${longest} characters`;
  },
};

/** Returns the code of the error with which a promise is rejected. */
async function refusal(act: () => Promise<unknown>): Promise<string> {
  try {
    await act();
    return 'nothing';
  } catch (error) {
    return String((error as { code?: unknown }).code);
  }
}
