import { FLAWLESS_WITHOUT_STREAMS, faultsOf } from '../support/conformance.js';
import { inProject } from '../support/project.js';
import { echoedBy, greetingOf, type Speaker } from '../support/speakers.js';
import { runTool, saidBy } from '../support/tools.js';

/** let-else, which the client uses, came with 1.65. */
const hasRust = /^cargo 1\.(6[5-9]|[7-9]\d|\d{3})/.test(saidBy('cargo', '--version') ?? '');
const crate = inProject('clients/rust');
const program = (name: string) => inProject('clients/rust/target/debug/examples', name);

describe('The Rust client', () => {
  const speaker: Speaker = { conform: [program('conform')], hello: [program('hello')] };

  beforeAll(() => {
    if (hasRust) runTool('cargo', ['build', '--offline', '--quiet', '--examples'], crate);
  });

  beforeEach(() => {
    if (!hasRust) pending('There is no Rust 1.65 or later (cargo).');
  });

  it('reads and writes the test vectors, and reads random bytes the same way whatever the chunks', () => {
    const said = runTool(program('check'), ['clients/vectors.json', '3000']);
    expect(said).toMatch(/^\d+ vectors, 3000 rounds/);
  });

  for (const tcp of [false, true]) {
    it(`conforms over ${tcp ? 'TCP' : 'a Unix socket'}`, async () => {
      expect(await faultsOf('client', [...speaker.conform, '{address}'], { tcp })).toEqual(
        FLAWLESS_WITHOUT_STREAMS,
      );
    });
  }

  it('connects as soon as its server listens', async () => {
    expect(await greetingOf(speaker)).toEqual({ heard: 'hello from Rust', printed: '2 + 40 = 42' });
  });

  for (const framing of ['raw', 'little', 'big'] as const) {
    it(`echoes bytes: ${framing}`, async () => {
      expect(await echoedBy(speaker, framing)).toBe('the same');
    });
  }
});
