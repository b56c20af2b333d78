import type { Command } from '../command.js';
import { EXIT, UsageError } from '../exit.js';
import { type Entry, findSockets } from '../ls/sockets.js';
import { addressDefaults, NAMING } from '../settings.js';

export const ls: Command = {
  name: 'ls',
  summary: 'lists the servers and channels on this machine that can be seen',
  count: [0, 0],
  details: `Looks at the sockets in --socket-root whose names begin with --appspace, and at the channels of this user. On Linux the kernel
says who listens and how many are connected, without a word to the server; elsewhere, and where it does not know, a short
connection shows whether a server is alive. In a pipe each one is a line of JSON.`,
  options: {
    all: { type: 'boolean', short: 'a', description: 'sockets of every name' },
    stale: { type: 'boolean', description: 'only those where nobody listens' },
    ...NAMING,
  },
  async run({ values, out }) {
    if (process.platform === 'win32')
      throw new UsageError('ls looks for Unix sockets, which this system does not list.');
    const { socketRoot, appspace } = addressDefaults(values);
    const found = await findSockets({ socketRoot, appspace, all: values.all === true });
    const shown = values.stale === true ? found.filter(({ state }) => state === 'stale') : found;
    if (out.json) for (const entry of shown) out.value(entry);
    else if (shown.length === 0) out.note('No servers and no channels can be seen.');
    else out.table(['ADDRESS', 'KIND', 'STATE', 'CLIENTS', 'OWNER', 'PID', 'PROGRAM'], shown.map(row));
    return EXIT.ok;
  },
};

function row({ address, kind, state, clients, owner, pid, program }: Entry): string[] {
  return [address, kind, state, String(clients ?? '?'), owner, String(pid ?? ''), program ?? ''];
}
