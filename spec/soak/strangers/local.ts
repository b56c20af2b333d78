import { chmodSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ownDirectory } from '../../../lib/transports/own-directory.js';
import { afterwards } from '../../support/afterwards.js';
import { freshIPC } from '../../support/instances.js';
import { directoryForAll, startAsOther } from '../../support/users.js';
import { hold } from '../promise.js';
import type { StrangerAttack } from '../strangers.js';

const SKIPPED = 'skipped: only root can act as another user';

/** Attacks by another user of the machine. */
export const localAttacks: Record<string, StrangerAttack> = {
  async 'another user who holds the lock of a path'() {
    if (process.getuid?.() !== 0) return SKIPPED;
    const directory = directoryForAll();
    const taken = ownDirectory(directory);
    const other = startAsOther(`import { mkdirSync, statSync, writeFileSync } from 'node:fs';
      import { createServer } from 'node:net';
      const { dev, ino } = statSync('${directory}', { bigint: true });
      const lock = '${taken}/' + dev.toString(36) + '.' + ino.toString(36) + '.s';
      mkdirSync(lock, { recursive: true });
      writeFileSync(lock + '/' + process.pid + '..', '');
      for (const name of ['${directory}/s', 'omni-ipc', '${directory}/s.lock']) createServer().on('error', () => {}).listen('\\0' + name);
      setTimeout(() => console.log('taken'), 50);
      setInterval(() => {}, 1000);`);
    await other.waitForLine(/^taken$/);
    const since = performance.now();
    const server = await freshIPC().serve(join(directory, 's')).start();
    const took = Math.round(performance.now() - since);
    await server.stop();
    await other.kill();
    hold(took < 2500, `the start took ${took} ms`);
    return `the server listens after ${took} ms`;
  },

  async 'another user who swaps the file between the check and the connection'() {
    if (process.getuid?.() !== 0) return SKIPPED;
    const directory = directoryForAll(0o777);
    const path = join(directory, 's');
    const server = await freshIPC().serve(path).start();
    afterwards(() => server.stop());
    const other = startAsOther(`import { renameSync } from 'node:fs';
      import { createServer } from 'node:net';
      let fooled = 0;
      const mine = createServer((socket) => socket.on('error', () => {}).on('data', () => { fooled++; }));
      mine.listen('${path}.mine', () => {
        console.log('swapping');
        let over = false;
        process.stdin.on('data', () => { over = true; });
        const swap = () => {
          for (const [from, to] of [['${path}', '${path}.own'], ['${path}.mine', '${path}'], ['${path}', '${path}.mine'], ['${path}.own', '${path}']]) renameSync(from, to);
          if (over) { console.log('fooled ' + fooled); process.exit(); }
          setImmediate(swap);
        };
        swap();
      });`);
    await other.waitForLine(/^swapping$/);
    const codes: Record<string, number> = {};
    for (let i = 0; i < 400; i++) {
      const client = freshIPC({ sameUser: true, maxRetries: 0 }).connectTo('world', path);
      client.emit('secret', 'for the own user alone');
      client.on('error', ({ code }) => {
        codes[code] = (codes[code] ?? 0) + 1;
      });
      await client.ready().catch(() => {});
      await client.close();
    }
    other.process.stdin.write('over\n');
    const [, fooled] = await other.waitForLine(/^fooled (\d+)$/);
    hold(fooled === '0', `${fooled} of 400 clients spoke to the other user`);
    return `0 of 400 clients spoke to the other user (${Object.entries(codes).map(([code, count]) => `${code} ${count} times`)})`;
  },

  async 'another user who swaps the file before its permissions are set'() {
    if (process.getuid?.() !== 0) return SKIPPED;
    const directory = directoryForAll(0o777);
    const path = join(directory, 's');
    const other = startAsOther(`import { linkSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
      console.log('swapping');
      const swap = () => {
        try { unlinkSync('${path}'); symlinkSync('${directory}/private', '${path}'); } catch {}
        setImmediate(swap);
      };
      swap();`);
    await other.waitForLine(/^swapping$/);
    writeFileSync(join(directory, 'private'), 'secret');
    chmodSync(join(directory, 'private'), 0o600);
    let started = 0;
    for (let i = 0; i < 20; i++) {
      const server = freshIPC({ writableAll: true, readableAll: true, unlink: 'force' }).serve(path);
      const listens = await server.start().then(
        () => true,
        () => false,
      );
      if (listens) started++;
      await server.stop();
    }
    await other.kill();
    const mode = statSync(join(directory, 'private')).mode & 0o777;
    hold(mode === 0o600, `a private file has the mode ${mode.toString(8)}`);
    hold(started > 0, 'no server started');
    return `${started} of 20 servers started meanwhile; the private file kept the mode 600`;
  },

  async "unlink: 'force' on another user's socket"() {
    if (process.getuid?.() !== 0) return SKIPPED;
    const directory = directoryForAll();
    const path = join(directory, 's');
    const own = await freshIPC().serve(path).start();
    const other =
      startAsOther(`const { IPC } = await import('${new URL('../../../services/ipc/index.js', import.meta.url)}');
      const ipc = new IPC();
      Object.assign(ipc.config, { silent: true, unlink: 'force' });
      ipc.serve('${path}').start().then(() => console.log('code none'), ({ code }) => console.log('code ' + code));`);
    const [, code = ''] = await other.waitForLine(/^code (\w+)$/);
    await other.kill();
    await own.stop();
    hold(code === 'ERR_IPC_IN_USE', `it ended with ${code}`);
    return code;
  },
};
