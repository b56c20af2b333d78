import { FLAWLESS_WITHOUT_STREAMS, faultsOf } from '../support/conformance.js';
import { echoedBy, findPython, greetingOf, type Speaker } from '../support/speakers.js';
import { runTool, saidBy } from '../support/tools.js';

const python = findPython();

describe('The Python client', () => {
  const speaker: Speaker = {
    conform: [python ?? '', '-B', 'clients/python/conform.py'],
    hello: [python ?? '', '-B', 'clients/python/hello.py'],
  };

  beforeEach(() => {
    if (python === undefined) pending('There is no Python 3.9 or later (python3).');
  });

  it('reads and writes the test vectors, and reads random bytes the same way whatever the chunks', () => {
    const said = runTool(python ?? '', ['-B', 'clients/python/check.py', 'clients/vectors.json', '3000']);
    expect(said).toMatch(/^\d+ vectors, 3000 rounds/);
  });

  for (const kind of ['asyncio', 'blocking']) {
    it(`conforms, ${kind}`, async () => {
      expect(await faultsOf('client', [...speaker.conform, '{address}', kind])).toEqual(
        FLAWLESS_WITHOUT_STREAMS,
      );
    });
  }

  it('conforms over TCP', async () => {
    expect(await faultsOf('client', [...speaker.conform, '{address}'], { tcp: true })).toEqual(
      FLAWLESS_WITHOUT_STREAMS,
    );
  });

  it('connects as soon as its server listens', async () => {
    expect(await greetingOf(speaker)).toEqual({ heard: 'hello from Python', printed: '2 + 40 = 42' });
  });

  for (const framing of ['raw', 'little', 'big'] as const) {
    it(`echoes bytes: ${framing}`, async () => {
      expect(await echoedBy(speaker, framing)).toBe('the same');
    });
  }

  it('passes mypy', () => {
    if (saidBy('mypy', '--version') === undefined) pending('There is no mypy.');
    const said = runTool('mypy', ['--strict', '--cache-dir=/dev/null', 'clients/python/omni_ipc.py']);
    expect(said).toContain('Success');
  });
});
