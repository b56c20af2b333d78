import type { Role } from '../../cli/conform/target.js';
import { FLAWLESS, faultsOf, MAX_SIZE } from '../support/conformance.js';
import { local } from '../support/instances.js';
import { built } from '../support/project.js';
import { run, values } from './support.js';

/** A program of spec/fixtures/conform. */
function fixture(name: string, ...args: string[]): string[] {
  return [process.execPath, `${built}/spec/fixtures/conform/${name}.js`, ...args];
}

const nothingElse = { requests: ['not supported'], topics: ['not supported'], streams: ['not supported'] };

/** The checks that found something, without what they found. */
function namesOf(faults: readonly string[] = []): string[] {
  return faults.map((fault) => fault.slice(0, fault.indexOf(':')));
}

/** The number of events that a version of node-ipc changes. */
const CHANGED: Record<string, number> = { 'node-ipc-10': 1, 'node-ipc-14': 0 };

/** The faults of a version of node-ipc. If a busy machine adds some that it does not have, it gets more time to answer. */
async function patientFaultsOf(role: Role, name: string): Promise<Record<string, string[]>> {
  for (let timeout = 1000; ; timeout *= 4) {
    const faults = await faultsOf(role, fixture('node-ipc', name), { maxSize: 0, timeout });
    if (faults.events?.length === CHANGED[name] || timeout > 10_000) return faults;
  }
}

describe('omni-ipc conform', () => {
  /** What it finds in other libraries. All are tested at once, because most of the time it waits for what they never say. */
  let found: Map<string, Promise<Record<string, string[]>>> | undefined;
  const others = (wanted: Role, module: string) => {
    found ??= new Map(
      (['server', 'client'] as const).flatMap((role) =>
        ['node-ipc-10', 'node-ipc-14'].map((name) => [role + name, patientFaultsOf(role, name)]),
      ),
    );
    return found.get(wanted + module) as Promise<Record<string, string[]>>;
  };

  for (const role of ['server', 'client'] as const) {
    it(`finds nothing wrong with omni-ipc as a ${role}`, async () => {
      const faults = await faultsOf(role, fixture('omni-ipc'), { timeout: 10_000 });
      expect(faults).toEqual(FLAWLESS);
    });
  }

  it('finds the faults of node-ipc 10 as a server', async () => {
    const faults = await others('server', 'node-ipc-10');
    expect(faults).toEqual({
      ...nothingElse,
      events: [jasmine.any(String)],
      'hostile input': jasmine.any(Array),
    });
    expect(namesOf(faults.events)).toEqual(['null, false, 0 and the empty string arrive as they were sent']);
    expect(namesOf(faults['hostile input'])).toEqual(
      jasmine.arrayContaining([
        'it survives frames that are not objects',
        'it survives frames without a name that is a string',
        'an HTTP request ends its connection, and events in its body are ignored',
      ]),
    );
  });

  it('finds the faults of node-ipc 10 as a client', async () => {
    const faults = await others('client', 'node-ipc-10');
    expect(namesOf(faults.events)).toEqual(['null, false, 0 and the empty string arrive as they were sent']);
    expect(namesOf(faults['hostile input'])).toContain('it survives frames that are not objects');
  });

  for (const role of ['server', 'client'] as const) {
    it(`finds the faults of node-ipc 14 as a ${role}, and none in its events`, async () => {
      const faults = await others(role, 'node-ipc-14');
      expect(faults).toEqual({ ...nothingElse, events: [], 'hostile input': jasmine.any(Array) });
      expect(namesOf(faults['hostile input'])).toContain('it survives frames that are not objects');
    });
  }

  it('tests a running server, by pings if it does not echo', async () => {
    const server = await local.serve({ maxMessageSize: MAX_SIZE });
    const { stdout } = await run(['conform', '--timeout', '2s', `unix:${server.path}`]);
    const levels = values(stdout) as {
      level: string;
      unsupported?: string;
      results: { outcome: string }[];
    }[];
    expect(levels.map(({ level, unsupported }) => [level, unsupported])).toEqual([
      ['events', "it does not echo the event 'echo'"],
      ['requests', undefined],
      ['topics', undefined],
      ['streams', "it has no stream 'count'"],
      ['hostile input', undefined],
    ]);
    expect(levels[2]?.results.every(({ outcome }) => outcome === 'passed')).toBeTrue();
  });

  it('says what failed, and exits with 1; a requested level fails if the program does not support it', async () => {
    const options = ['--pretty', '--role', 'server', '--timeout', '3s'];
    const program = ['--', ...fixture('node-ipc', 'node-ipc-10')];
    const [events, requests] = await Promise.all([
      run(['conform', ...options, '--level', 'events', ...program]),
      run(['conform', ...options, '--level', 'requests', ...program]),
    ]);
    expect([events.code, requests.code]).toEqual([1, 1]);
    expect(events.stdout).toMatch(/^server {2}events +9 of 10 passed\n {2}failed {2}null, false, 0/);
    expect(requests.stdout).toMatch(/^server {2}requests +not supported: it does not answer a ping\n$/);
  });

  it('refuses invalid levels, roles and addresses', async () => {
    for (const args of [
      ['--level', 'nothing', 'unix:/x'],
      ['--role', 'peer', '--', 'x'],
      ['tcp://host:port'],
    ]) {
      expect((await run(['conform', ...args])).code)
        .withContext(args.join(' '))
        .toBe(2);
    }
  });

  it('says why it cannot test a program that ends or does not exist', async () => {
    const gone = await faultsOf('client', [process.execPath, '-e', 'throw new Error("no \\x1b[2J way")']);
    expect(gone.events?.[0]).toContain('exit code 1');
    expect(gone.events?.[0]).not.toContain('\x1b');
    const missing = await faultsOf('client', ['/no/such/program']);
    expect(missing.events?.[0]).toContain('it cannot be started');
  });
});
