import { join } from 'node:path';
import { Channel } from '../services/channel/index.js';
import { afterwards } from './support/afterwards.js';
import { freshRendezvous } from './support/channels.js';
import { once } from './support/events.js';
import { freshIPC } from './support/instances.js';
import { freshDirectory } from './support/places.js';
import { start } from './support/processes.js';

describe('unref', () => {
  for (const kind of ['server', 'early server', 'udp', 'client', 'retrying']) {
    it(`lets the process of a ${kind} exit`, async () => {
      const path = join(freshDirectory(), 's');
      if (kind === 'client') await freshIPC().serve(path).start();
      const program = start('spec/fixtures/unref.ts', [kind, path]);
      await program.waitForLine(/^ended$/);
      expect(await program.exited).toEqual({ code: 0, signal: null });
    });
  }

  it('lets the process of a server with a backplane exit', async () => {
    const program = start('spec/fixtures/unref.ts', ['backplane', freshRendezvous()]);
    await program.waitForLine(/^ended$/);
    expect(await program.exited).toEqual({ code: 0, signal: null });
  });

  for (const kind of ['member', 'hub']) {
    it(`lets the process of a channel’s ${kind} exit`, async () => {
      const directory = freshRendezvous();
      const channel = new Channel({ name: 'unref', directory, peer: 'spec' });
      afterwards(() => channel.close());
      const program = start('spec/fixtures/unref.ts', [kind, directory]);
      if (kind === 'hub') {
        await program.waitForLine(/^listens$/);
        await channel.ready();
        channel.to('all').emit('hello');
      } else await channel.ready();
      await program.waitForLine(/^ended$/);
      expect(await program.exited).toEqual({ code: 0, signal: null });
    });
  }

  it('is undone by ref', async () => {
    const path = join(freshDirectory(), 's');
    const program = start('spec/fixtures/unref.ts', ['ref', path]);
    await program.waitForLine(/^listens$/);
    const client = freshIPC().connectTo('world', path);
    await once(client, 'connect');
    expect(await program.exited).toEqual({ code: 0, signal: null });
  });
});
