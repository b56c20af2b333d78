import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { FLAWLESS_WITHOUT_STREAMS, faultsOf } from '../support/conformance.js';
import { BareServer } from '../support/peers.js';
import { inProject } from '../support/project.js';
import { echoedBy, greetingOf, launch, type Speaker } from '../support/speakers.js';
import { runTool, saidBy, workshop } from '../support/tools.js';

const STRICT = ['-std=c99', '-Wall', '-Wextra', '-Wpedantic', '-Werror', '-O1', '-g'];

describe('The C client', () => {
  let built: string;
  let speaker: Speaker;

  beforeAll(() => {
    if (saidBy('cc', '--version') === undefined) return;
    built = workshop();
    const object = join(built, 'omni_ipc.o');
    runTool('cc', [...STRICT, '-c', '-o', object, inProject('clients/c/omni_ipc.c')]);
    for (const name of ['conform', 'check', 'hello']) {
      runTool('cc', [...STRICT, '-o', join(built, name), inProject(`clients/c/${name}.c`), object]);
    }
    speaker = { conform: [join(built, 'conform')], hello: [join(built, 'hello')] };
  });

  beforeEach(() => {
    if (built === undefined) pending('There is no C compiler (cc).');
  });

  it('reads and writes the test vectors, and reads random bytes the same way whatever the chunks', () => {
    const said = runTool(join(built, 'check'), ['clients/vectors.json', '3000']);
    expect(said).toMatch(/^\d+ vectors, 3000 rounds/);
  });

  for (const tcp of [false, true]) {
    it(`conforms over ${tcp ? 'TCP' : 'a Unix socket'}`, async () => {
      expect(await faultsOf('client', [...speaker.conform, '{address}'], { tcp })).toEqual(
        FLAWLESS_WITHOUT_STREAMS,
      );
    });
  }

  it('keeps messages until its server listens', async () => {
    expect(await greetingOf(speaker)).toEqual({ heard: 'hello from C', printed: '2 + 40 = 42' });
  });

  for (const framing of ['raw', 'little', 'big'] as const) {
    it(`echoes bytes: ${framing}`, async () => {
      expect(await echoedBy(speaker, framing)).toBe('the same');
    });
  }

  it('has no invalid memory access and no leak (valgrind)', async () => {
    if (saidBy('valgrind', '--version') === undefined) pending('There is no valgrind.');
    const valgrind = ['valgrind', '-q', '--leak-check=full', '--show-leak-kinds=all', '--error-exitcode=9'];
    runTool('valgrind', [...valgrind.slice(1), join(built, 'check'), 'clients/vectors.json', '300']);
    const faults = await faultsOf('client', [...valgrind, ...speaker.conform, '{address}'], {
      timeout: 20_000,
    });
    expect(faults).toEqual(FLAWLESS_WITHOUT_STREAMS);
    const server = await new BareServer().listen();
    const program = launch([...valgrind, ...speaker.conform, `unix:${server.path}`]);
    const peer = await server.peer();
    peer.emit('subscribe', 'a.*').emit('ask', { type: 'double', data: 1 }).emit('quit');
    await peer.until(() => peer.packets.some(({ type }) => type === 'ipc:bye'), 'a bye');
    peer.socket.end();
    expect(await program.exited)
      .withContext(program.stderr)
      .toEqual({ code: 0, signal: null });
  });

  it('can be used from C++', () => {
    if (saidBy('c++', '--version') === undefined) pending('There is no C++ compiler (c++).');
    const flags = [
      '-x',
      'c++',
      '-std=c++11',
      '-Wall',
      '-Wextra',
      '-Wno-missing-field-initializers',
      '-Werror',
    ];
    const program = join(built, 'hello-cpp');
    runTool('c++', [...flags, '-c', '-o', join(built, 'hello-cpp.o'), inProject('clients/c/hello.c')]);
    runTool('c++', ['-o', program, join(built, 'hello-cpp.o'), join(built, 'omni_ipc.o')]);
    expect(existsSync(program)).toBeTrue();
  });
});
