import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freshDirectory } from '../support/places.js';
import { start } from '../support/processes.js';
import { inProject } from '../support/project.js';

const patience = 180_000;
const npmCli = process.env.npm_execpath;

/** What Vue CLI does with its messenger: one process serves, as its UI, and another one sends and says goodbye. */
const SERVER = `
const ipc = require('@achrinza/node-ipc');
ipc.config.id = process.env.VUE_CLI_IPC;
ipc.config.silent = true;
ipc.serve(() => console.log('ready'));
ipc.server.on('message', (data) => console.log(JSON.stringify(data)));
ipc.server.on('ack', (data, socket) => {
  ipc.server.emit(socket, 'ack', { ok: true });
  ipc.server.on('socket.disconnected', () => ipc.server.stop());
});
ipc.server.start();
`;
const CLIENT = `
const { IpcMessenger } = require('@vue/cli-shared-utils');
const messenger = new IpcMessenger({ networkId: process.env.VUE_CLI_IPC });
messenger.send({ text: 'hello' });
messenger.disconnect();
`;

/** What jest-runner-vscode does to write a message and know when that is done, with the file of either name. */
const WRITER = `
const { dirname, resolve } = require('node:path');
const ipc = require('@achrinza/node-ipc');
const byPath = require(resolve(dirname(require.resolve('@achrinza/node-ipc')), 'entities/EventParser'));
const byName = require('node-ipc/entities/EventParser');
ipc.config.silent = true;
ipc.connectTo(process.env.VUE_CLI_IPC, () => {
  const client = ipc.of[process.env.VUE_CLI_IPC];
  client.on('connect', async () => {
    for (const EventParser of [byPath, byName]) {
      const message = { type: 'message', data: { by: EventParser.name }, get JSON() { return JSON.stringify({ type: this.type, data: this.data }); } };
      await new Promise((done) => client.socket.write(new EventParser(ipc.config).format(message), done));
    }
    ipc.disconnect(process.env.VUE_CLI_IPC);
  });
});
`;

describe('A package that depends on node-ipc', () => {
  it(
    'works with omni-ipc in its place by overrides, and doctor finds nothing of node-ipc',
    async () => {
      if (!npmCli) return pending('Needs npm: run the specs by `npm test`');
      if (!existsSync(inProject('dist', 'index.js')))
        return pending('Needs dist/: run the specs by `npm test`');
      const home = freshDirectory();
      await start(npmCli, ['pack', '--ignore-scripts', '--pack-destination', home]).exited;
      const tarball = readdirSync(home).find((name) => name.endsWith('.tgz'));
      const manifest = {
        private: true,
        dependencies: { '@vue/cli-shared-utils': '5.0.8', 'node-ipc': `file:${join(home, String(tarball))}` },
        overrides: { '@achrinza/node-ipc': `file:${join(home, String(tarball))}` },
      };
      writeFileSync(join(home, 'package.json'), JSON.stringify(manifest));
      const options = ['--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund'];
      const npm = start(npmCli, ['install', '--prefix', home, ...options]);
      if ((await npm.exited).code !== 0) {
        expect(npm.stderr).toMatch(/ENOTFOUND|EAI_AGAIN|ECONN|ETIMEDOUT|ENOTCACHED/);
        return pending('The npm registry is out of reach');
      }
      const replaced = join(home, 'node_modules', '@achrinza', 'node-ipc', 'package.json');
      expect(JSON.parse(readFileSync(replaced, 'utf8')).name).toBe('omni-ipc');
      const doctor = start(join(home, 'node_modules', '@achrinza', 'node-ipc', 'dist', 'cjs', 'cli.js'), [
        'doctor',
        home,
        '--strict',
      ]);
      expect((await doctor.exited).code)
        .withContext(doctor.stdout)
        .toBe(0);

      const env = { VUE_CLI_IPC: `oi-${home.replaceAll(/\W/g, '-')}` };
      const run = (name: string, code: string) => {
        writeFileSync(join(home, name), code);
        return start(join(home, name), [], env);
      };
      const server = run('server.js', SERVER);
      await server.waitForLine(/^ready$/);
      const writer = run('writer.cjs', WRITER);
      for (let i = 0; i < 2; i++) await server.waitForLine(/^{"by":"EventParser"}$/);
      expect((await writer.exited).code)
        .withContext(writer.stderr)
        .toBe(0);
      const client = run('client.js', CLIENT);
      await server.waitForLine(/^{"text":"hello"}$/);
      const ends = await Promise.all([client.exited, server.exited]);
      expect(ends.map(({ code }) => code))
        .withContext(client.stderr + server.stderr)
        .toEqual([0, 0]);
    },
    patience,
  );
});
