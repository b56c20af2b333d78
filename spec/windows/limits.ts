/** A feature of Windows that Wine lacks, and the specs that need it. */
export interface Limit {
  /** What the full names of the specs begin with. */
  readonly specs: readonly string[];
  /** The same of specs that exist on Windows alone. */
  readonly windows?: readonly string[];
  readonly why: string;
}

/** The specs that are skipped only under Wine. Specs for features that Windows lacks skip themselves. */
export const wineLimits: readonly Limit[] = [
  {
    specs: [
      'A server that begins to listen rejects',
      'Starting a server fails where another listens',
      'omni-ipc serve refuses the path of a running server',
      'socket-ipc Server does not take the socket of a running server',
    ],
    windows: ['A Windows pipe is refused while another'],
    why: 'a second process may listen on a pipe',
  },
  {
    specs: ['The local transport keeps its connections when it stops listening'],
    why: 'a pipe that is no longer listened on does not refuse a client',
  },
  {
    specs: [
      'A local channel takes the number',
      'Channel peers cannot have a name twice',
      'Channel, among processes, loses, repeats and swaps',
      'HubClient finds or becomes',
      'HubClient makes one hub',
      'Listeners topics are not lost when the hub changes',
      'NumberLease gives each',
      'NumberLease keeps the number',
      'NumberLease lets a name be held',
      'NumberLease skips numbers',
      'NumberLease takes another',
      'NumberLease takes the lowest',
      'Servers with a backplane on one machine',
      ...['throws an error', 'throws null', 'throws a BigInt', 'throws a cycle', 'is rejected'].map(
        (how) => `Where a user's callback ${how} as the logger, a refused start`,
      ),
      'fault 6: serve takes what is not its own no living',
      'net-ipc: Server leaves a living',
    ],
    why: 'a second process may listen on a pipe, so that two may hold one name, number or hub',
  },
  {
    specs: ['The example channel/'],
    why: 'a second process may listen on a pipe, so that the members of a channel do not find one hub',
  },
  {
    specs: ['A UDP server may fail without a listener', 'A UDP socket says that a host cannot be found'],
    why: 'UDP sockets may have addresses that the machine does not have',
  },
  { specs: ['The example udp/ipv6'], why: 'datagrams over IPv6 do not arrive at all sockets' },
  {
    specs: ['The documents hold TypeScript programs', 'The example typed', 'The types enforce contracts'],
    why: 'the compiler of TypeScript is installed for Linux',
  },
  {
    specs: [
      'The example telemetry/prometheus',
      "net-ipc among each other : our server and the original's client greet, tell, ask and ping each other over T",
    ],
    why: 'sockets refuse what fetch and net-ipc set before they are connected (connect UNKNOWN)',
  },
  {
    specs: [
      "A user's directory is made with all directories above it",
      'The packages that are installed in a project',
      'docs/extending.md has',
      'omni-ipc doctor finds what is installed, nested and in links',
      'omni-ipc doctor finds what workspaces depend on',
    ],
    why: 'there are no symbolic links and no junctions',
  },
  {
    specs: ['omni-ipc serve ends the command of a stream whose caller has left'],
    why: 'taskkill does not end a tree of processes',
  },
  {
    specs: ['omni-ipc migrate'],
    why: 'there are no symbolic links, and the compiler of TypeScript is installed for Linux',
  },
];
