import { chmodSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import type { Config } from '../../entities/config.js';
import { IPC } from '../../services/ipc/index.js';
import { afterwards } from '../support/afterwards.js';
import { once } from '../support/events.js';
import { freshDirectory } from '../support/places.js';

const fourteen = pathToFileURL(createRequire(import.meta.url).resolve('node-ipc-14')).href;

/** What both libraries have. */
interface Either {
  config: Pick<Config, 'id' | 'silent' | 'socketRoot' | 'allowedEvents'> & { parser?: string };
  of: Record<
    string,
    { on(type: string, listener: (data: unknown) => void): void; emit(type: string, data: unknown): void }
  >;
  server: {
    on(type: string, listener: (data: unknown, socket: never) => void): void;
    emit(socket: never, type: string, data: unknown): void;
    start(): void;
    stop(): void;
  };
  serve(path: string, callback: () => void): void;
  connectTo(id: string, path: string, callback: () => void): void;
  disconnect(id: string): void;
}

describe('A profile and the parser of node-ipc 14 that it corresponds to', () => {
  for (const [profile, parser] of [
    ['compatible', 'fast'],
    ['guarded', 'guarded'],
    ['assured', 'assured'],
  ] as const) {
    for (const serves of ['ours', 'node-ipc 14'] as const) {
      it(`exchange events as ${profile} and ${parser}, with a server of ${serves}`, async () => {
        if (profile === 'assured' && process.platform === 'win32')
          return pending('both refuse Windows pipes');
        const { IPCModule } = (await import(fourteen)) as { IPCModule: new () => Either };
        const socketRoot = `${freshDirectory()}/`;
        chmodSync(socketRoot, 0o700);
        const ours = new IPC();
        const theirs = new IPCModule();
        ours.config.profile = profile;
        theirs.config.parser = parser;
        for (const { config } of [ours, theirs]) {
          Object.assign(config, {
            id: 'world',
            silent: true,
            socketRoot,
            allowedEvents: ['hello', 'answer'],
          });
        }
        const [server, client] = (serves === 'ours' ? [ours, theirs] : [theirs, ours]) as [Either, Either];
        const path = `${socketRoot}app.world`;
        await new Promise<void>((resolve) => {
          server.serve(path, resolve);
          server.server.start();
        });
        afterwards(() => server.server.stop());
        server.server.on('hello', (data, socket) => server.server.emit(socket, 'answer', data));
        client.connectTo('world', path, () => {});
        afterwards(() => client.disconnect('world'));
        const { world } = client.of;
        world?.on('connect', () => world.emit('hello', { text: 'größer' }));
        expect(await once(world as never, 'answer')).toEqual([{ text: 'größer' }]);
      });
    }
  }
});
