import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { start } from '../support/processes.js';
import { inProject } from '../support/project.js';
import { launch } from '../support/speakers.js';
import { runTool, saidBy, workshop } from '../support/tools.js';

const folder = inProject('example/languages');

/** Starts the server of the clients; gives its path or port, and what it hears. */
async function serve(...args: string[]): Promise<{ place: string; hears(line: RegExp): Promise<unknown> }> {
  const server = start('example/languages/world.js', args, {
    NODE_OPTIONS: `--import=${pathToFileURL(inProject('example/runner/place.js')).href}`,
    EXAMPLE_ROOT: `${workshop()}/`,
    EXAMPLE_PORT: '0',
  });
  const [, place = ''] = await server.waitForLine(/^world listens on (?:port )?(\S+)/);
  return { place, hears: (line) => server.waitForLine(line) };
}

describe('The examples in other languages', () => {
  it('exchange messages in Java', async () => {
    if (saidBy('javac', '-version') === undefined) pending('There is no Java compiler (javac).');
    const built = workshop();
    runTool('javac', ['-d', built, join(folder, 'Client.java')]);
    const { place, hears } = await serve('tcp');
    const client = launch(['java', '-cp', built, 'Client', place]);
    await client.waitForLine(/^\{"type":"add","data":42,"re":1\}$/);
    await hears(/^got hello from Java$/);
    expect((await client.exited).code).toBe(0);
  });

  it('exchange messages in C#', async () => {
    if (saidBy('mcs', '--version') === undefined) pending('There is no C# compiler (mcs, of mono).');
    const program = join(workshop(), 'client.exe');
    runTool('mcs', [`-out:${program}`, join(folder, 'Client.cs')]);
    const { place, hears } = await serve('tcp');
    const client = launch(['mono', program, place]);
    await client.waitForLine(/^\{"type":"add","data":42,"re":1\}$/);
    await hears(/^got hello from C#$/);
    expect((await client.exited).code).toBe(0);
  });

  it('exchange messages in Go', async () => {
    if (saidBy('go', 'version') === undefined) pending('There is no Go (go).');
    const built = workshop();
    copyFileSync(join(folder, 'client.go'), join(built, 'client.go'));
    runTool('go', ['build', '-o', join(built, 'client'), 'client.go'], built);
    for (const network of ['tcp', 'unix']) {
      const { place, hears } = await serve(network);
      const client = launch([
        join(built, 'client'),
        network,
        network === 'tcp' ? `127.0.0.1:${place}` : place,
      ]);
      await client.waitForLine(/^42$/);
      await hears(/^got hello from Go$/);
      expect((await client.exited).code).toBe(0);
    }
  });
});
