import { userInfo } from 'node:os';
import type { Command } from '../command.js';
import { EXIT, UsageError } from '../exit.js';
import { reports } from '../inspect/processes.js';
import { type ProcessEntry, processEntry, withInspected } from '../ls/inspected.js';
import { type Entry, findSockets } from '../ls/sockets.js';
import type { Printer } from '../printer.js';
import { addressDefaults, NAMING } from '../settings.js';

export const ls: Command = {
  name: 'ls',
  summary: 'lists the servers and channels on this machine that this user can see',
  count: [0, 0],
  details: `Lists the sockets in --socket-root whose names begin with --appspace, and the channels of this user. On Linux the kernel reports the
owner and the number of connections, without a message to the server. On other systems, and if the kernel does not report them, a
short connection shows whether a server is alive. Programs that were started with node --import omni-ipc/inspect report their servers
of every transport, with their dialects; the programs themselves follow. In a pipe each entry is a line of JSON.`,
  options: {
    all: { type: 'boolean', short: 'a', description: 'includes sockets of every name' },
    stale: { type: 'boolean', description: 'lists only sockets without a listening server' },
    ...NAMING,
  },
  async run({ values, out }) {
    if (process.platform === 'win32')
      throw new UsageError('ls looks for Unix sockets, which this system does not list.');
    const { socketRoot, appspace } = addressDefaults(values);
    const found = await findSockets({ socketRoot, appspace, all: values.all === true });
    if (values.stale === true) {
      print(
        found.filter(({ state }) => state === 'stale'),
        [],
        out,
      );
      return EXIT.ok;
    }
    const inspected = await reports();
    print(withInspected(found, inspected, userInfo().username), inspected.map(processEntry), out);
    return EXIT.ok;
  },
};

function print(entries: readonly Entry[], processes: readonly ProcessEntry[], out: Printer): void {
  if (out.json) {
    for (const entry of [...entries, ...processes]) out.value(entry);
    return;
  }
  if (entries.length === 0) out.note('There are no servers and no channels that this user can see.');
  else {
    const header = ['ADDRESS', 'KIND', 'STATE', 'DIALECT', 'CLIENTS', 'OWNER', 'PID', 'PROGRAM'];
    out.table(header, entries.map(row));
  }
  if (processes.length === 0) return;
  out.line('');
  out.table(
    ['PID', 'INSPECTED PROGRAM', 'NODE', 'SERVERS', 'CLIENTS', 'CHANNELS'],
    processes.map(processRow),
  );
}

function row({ address, kind, state, dialect, clients, owner, pid, program }: Entry): string[] {
  return [
    address,
    kind,
    state,
    dialect ?? '',
    String(clients ?? '?'),
    owner,
    String(pid ?? ''),
    program ?? '',
  ];
}

function processRow({ pid, thread, program, node, servers, clients, channels }: ProcessEntry): string[] {
  const counts = [servers, clients, channels].map(({ length }) => String(length));
  return [thread === 0 ? String(pid) : `${pid}.${thread}`, program, node, ...counts];
}
