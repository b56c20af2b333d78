import { once as onceEmitted } from 'node:events';
import { rmSync } from 'node:fs';
import { createServer, type Server as NetServer } from 'node:net';
import { afterwards } from '../../support/afterwards.js';
import { heard } from '../../support/events.js';
import { local, tcp } from '../../support/instances.js';
import { BareServer, barePeer } from '../../support/peers.js';
import { freshPath } from '../../support/places.js';
import { start } from '../../support/processes.js';

const MEGABYTE = 1_000_000;
/** For programs whose data must arrive. */
const patient = { SLOW_CLOCK: '20' };

describe('Unsent data when the process exits', () => {
  for (const [how, transport] of [
    ['local', local],
    ['tcp', tcp],
    ['throws', local],
  ] as const) {
    it(`arrives complete and in order (${how}), with the last messages of an exit handler`, async () => {
      const server = await transport.serve();
      const [texts, smalls, byes] = [
        heard(server, 'message', 1),
        heard(server, 'small', 100),
        heard(server, 'bye', 1),
      ];
      const errors: unknown[] = [];
      server.on('error', (error) => errors.push(error));
      const where = how === 'tcp' ? String(server.port) : server.path;
      const program = start('spec/fixtures/exit.ts', [how, where, String(MEGABYTE)], patient);
      expect((await program.exited).code).toBe(how === 'throws' ? 1 : 0);
      expect((await texts)[0] === 'ä'.repeat(MEGABYTE / 2)).toBeTrue();
      expect(await smalls).toEqual([...Array(100).keys()]);
      expect(await byes).toEqual(['exit']);
      expect([program.stdout, errors]).toEqual(['', []]);
    });
  }

  it('arrives also if it waits for answers to what was sent before (config.sync)', async () => {
    const server = await new BareServer().listen();
    const program = start('spec/fixtures/exit.ts', ['sync', server.path, '100'], patient);
    const peer = await server.peer();
    await peer.ended();
    expect(peer.packets.map(({ type }) => type)).toEqual(['message', ...Array(100).fill('small'), 'bye']);
    expect((await program.exited).code).toBe(0);
    expect(program.stdout).toBe('');
  });

  it('is reported if there is no connection', async () => {
    const program = start('spec/fixtures/exit.ts', ['early', freshPath(), '100']);
    expect((await program.exited).code).toBe(0);
    // What the listener of `exit` emits is reported by itself.
    expect(program.stdout).toMatch(/^(ERR_IPC_CONNECT\n)?ERR_IPC_UNSENT\nERR_IPC_UNSENT\n$/);
  });

  it('also arrives from a server, at a client that starts to read late', async () => {
    const path = freshPath();
    const program = start('spec/fixtures/exit.ts', ['server', path, String(MEGABYTE)], patient);
    await program.waitForLine(/^started$/);
    const peer = await barePeer({ path });
    peer.socket.pause();
    peer.emit('go');
    setTimeout(() => peer.socket.resume(), 100);
    await peer.ended();
    expect(peer.packets.length).toBe(101);
    expect(peer.packets[0]?.data === 'ä'.repeat(MEGABYTE / 2)).toBeTrue();
    expect((await program.exited).code).toBe(0);
    rmSync(path, { force: true });
  });

  it('is dropped with an error if the other side does not read', async () => {
    const path = freshPath();
    const server: NetServer = createServer((socket) => {
      socket.pause().on('error', () => {});
      afterwards(() => socket.destroy());
    });
    afterwards(() => server.close());
    server.listen(path);
    await onceEmitted(server, 'listening');
    const program = start('spec/fixtures/exit.ts', ['local', path, String(MEGABYTE)]);
    await program.waitForLine(/^ERR_IPC_UNSENT$/);
    expect((await program.exited).code).toBe(0);
  });

  it("is not written if a program emits 'exit' itself, and is then sent by the event loop", async () => {
    const server = await new BareServer().listen();
    const program = start('spec/fixtures/exit-by-hand.ts', [server.path]);
    const peer = await server.peer();
    await peer.ended();
    expect(peer.bytes.length).toBe(MEGABYTE);
    expect((await program.exited).code).toBe(0);
  });
});
