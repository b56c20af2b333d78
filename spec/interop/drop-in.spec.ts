import { freshDirectory } from '../support/places.js';
import { type Program, start } from '../support/processes.js';

describe('A program of node-ipc', () => {
  it('prints the same on node-ipc 9, on node-ipc 10 and on omni-ipc, with no other change than the import', async () => {
    const ours = await play('omni-ipc');
    expect(ours.server).toContain("numbers { id: 'hello', list: [ 1, 2, 3 ] }");
    expect(ours.client).toContain('message hello world!');
    expect(await play('node-ipc-9')).toEqual(ours);
    expect(await play('node-ipc-10')).toEqual(ours);
  });

  it('starts before its server, and connects when the server listens', async () => {
    const directory = freshDirectory();
    const client = begin('client', 'omni-ipc', directory);
    await client.waitForLine(/^error$/);
    const server = begin('server', 'omni-ipc', directory);
    await client.waitForLine(/^message hello world!$/);
    expect(await server.exited).toEqual({ code: 0, signal: null });
    expect(await client.exited).toEqual({ code: 0, signal: null });
  });

  /** Runs the server and the client, which end by themselves, and gives what they print. */
  async function play(module: string): Promise<{ server: string; client: string }> {
    const directory = freshDirectory();
    const server = begin('server', module, directory);
    await server.waitForLine(/^started/);
    const client = begin('client', module, directory);
    for (const program of [client, server]) {
      expect(await program.exited)
        .withContext(module + program.stdout + program.stderr)
        .toEqual({ code: 0, signal: null });
    }
    return { server: server.stdout, client: client.stdout };
  }

  function begin(role: 'server' | 'client', module: string, directory: string): Program {
    const root = process.platform === 'win32' ? `/${directory.slice(-8)}/` : `${directory}/`;
    return start(`spec/interop/drop-in-${role}.ts`, [module, root], { NODE_V8_COVERAGE: '' });
  }
});
