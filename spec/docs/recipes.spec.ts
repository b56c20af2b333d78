import { copyFileSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterwards } from '../support/afterwards.js';
import { blocksOf, layOut, sectionsOf } from '../support/documents.js';
import { freshDirectory } from '../support/places.js';
import { Program, withoutCoverage } from '../support/processes.js';
import { inProject } from '../support/project.js';
import { findPython } from '../support/speakers.js';
import { runTool, saidBy } from '../support/tools.js';

const PAGE = 'docs/recipes.md';
const python = findPython();

/** The text of a block of a recipe. */
function blockOf(heading: string, language: string): string {
  const found = blocksOf(PAGE).find((block) => block.heading === heading && block.language === language);
  return found?.text ?? '';
}

/** Starts the server of a recipe in a directory of its own. */
async function serve(
  heading: string,
): Promise<{ folder: string; server: Program; path: (id: string) => string }> {
  const folder = freshDirectory();
  const section = sectionsOf(PAGE).find(({ title }) => title.includes(`, ${heading} (`));
  if (section === undefined) throw new Error(`${PAGE} has no recipe "${heading}"`);
  layOut(section, folder);
  const env = {
    ...withoutCoverage(),
    NODE_OPTIONS: `--import=${pathToFileURL(inProject('example/runner/place.js')).href}`,
    EXAMPLE_ROOT: `${folder}/`,
    NO_COLOR: '1',
  };
  const server = new Program(process.execPath, [join(folder, 'server.js')], { cwd: folder, env });
  afterwards(() => server.kill());
  await server.waitForLine(/^server started on /);
  return { folder, server, path: (id) => join(folder, `app.${id}`) };
}

describe('The recipes', () => {
  it('include a C device that exchanges messages with the server', async () => {
    if (process.platform === 'win32') pending('The device connects to a Unix socket.');
    if (saidBy('cc', '--version') === undefined) pending('There is no C compiler (cc).');
    const { folder, server, path } = await serve('A C device');
    writeFileSync(join(folder, 'device.c'), blockOf('A C device', 'c'));
    const device = join(folder, 'device');
    runTool('cc', ['-Wall', '-Wextra', '-Werror', '-o', device, join(folder, 'device.c')]);
    const program = new Program(device, [path('meter')], { cwd: folder, env: withoutCoverage() });
    afterwards(() => program.kill());
    await server.waitForLine(/^sensor 7: 21\.5 degrees$/);
    expect((await program.exited).code).toBe(0);
    expect(program.stdout).toBe('the server says ok\n');
  });

  it('include a Python worker that the server gives work to', async () => {
    if (process.platform === 'win32') pending('The worker connects to a Unix socket.');
    if (python === undefined) pending('There is no Python 3.9 or later (python3).');
    const { folder, server, path } = await serve('A Python worker');
    writeFileSync(join(folder, 'worker.py'), blockOf('A Python worker', 'python'));
    copyFileSync(inProject('clients', 'python', 'omni_ipc.py'), join(folder, 'omni_ipc.py'));
    const worker = new Program(python ?? '', ['-B', 'worker.py', `unix:${path('studio')}`], {
      cwd: folder,
      env: withoutCoverage(),
    });
    afterwards(() => worker.kill());
    await server.waitForLine(/^mean of 2, 4 and 9: 5$/);
    expect((await worker.exited).code)
      .withContext(worker.stderr)
      .toBe(0);
  });

  it('include a service that systemd starts with its socket when the first client connects', async () => {
    const activate = 'systemd-socket-activate';
    if (saidBy(activate, '--version') === undefined) pending(`There is no ${activate}, which systemd has.`);
    const folder = freshDirectory();
    const section = sectionsOf(PAGE).find(({ title }) => title.includes(', systemd activation ('));
    if (section === undefined) throw new Error(`${PAGE} has no recipe for systemd.`);
    layOut(section, folder);
    const env = { ...withoutCoverage(), NO_COLOR: '1' };
    const path = join(folder, 'app.clock');
    const systemd = new Program(activate, ['-l', path, process.execPath, 'server.js'], { cwd: folder, env });
    afterwards(() => systemd.kill());
    await systemd.waitForLine(/^Listening on /);
    for (let clients = 0; clients < 2; clients++) {
      const options = `--import=${pathToFileURL(inProject('example/runner/place.js')).href}`;
      const client = new Program(process.execPath, ['client.js'], {
        cwd: folder,
        env: { ...env, NODE_OPTIONS: options, EXAMPLE_ROOT: `${folder}/` },
      });
      afterwards(() => client.kill());
      expect((await client.exited).code)
        .withContext(client.stderr)
        .toBe(0);
      expect(client.stdout).toMatch(/^1970$/m);
    }
  });

  it('include each recipe that the documents list, with code', () => {
    const blocks = blocksOf(PAGE);
    const promised = [
      'Cluster workers',
      'pm2',
      'Electron',
      'Jest',
      'Docker sidecars',
      'systemd activation',
    ].concat([
      'A C device',
      'A Python worker',
      'A cron job in only one worker',
      'File upload',
      'Graceful shutdown',
    ]);
    expect(promised.filter((name) => !blocks.some(({ heading }) => heading === name))).toEqual([]);
    expect(existsSync(inProject(PAGE))).toBeTrue();
  });
});
