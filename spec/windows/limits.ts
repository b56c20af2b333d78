/** A feature of Windows that Wine lacks, and the specs that need it. */
export interface Limit {
  /** The starts of the full names of the specs. */
  readonly specs: readonly string[];
  /** The same for specs that exist only on Windows. */
  readonly windows?: readonly string[];
  readonly why: string;
}

/** The specs that are skipped only under Wine. Specs for features that Windows lacks skip themselves. */
export const wineLimits: readonly Limit[] = [
  {
    specs: [
      'A server that starts to listen rejects',
      'Starting a server fails if another server listens',
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
      'A local channel acquires its number',
      'Channel peers cannot have a name twice',
      'Channel, among processes, has one hub, and a separate number',
      "Channel, among processes, joins a cluster's workers, and continues when the one that is the hub is killed",
      'Channel, among processes, loses, repeats and reorders',
      'HubClient finds or becomes',
      'HubClient makes one hub',
      'Listeners topics are not lost when the hub changes',
      'LocalMembership keeps its number if a hub says',
      'NumberLease gives each',
      'NumberLease reserves the number',
      'NumberLease allows one holder',
      'NumberLease does not connect to the numbers',
      'NumberLease skips numbers',
      'NumberLease acquires another',
      'NumberLease takes the lowest',
      'Servers with a backplane on one machine',
      ...['throws an error', 'throws null', 'throws a BigInt', 'throws a cycle', 'is rejected'].map(
        (how) => `When a user's callback ${how} as the logger, a refused start`,
      ),
      'fault 6: serve removes files that are not its own does not happen to the path of a living',
      "net-ipc: Server rejects and emits 'error' if a living",
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
    specs: [
      'The documents contain TypeScript programs',
      'The example typed',
      'The types enforce contracts',
      'The types accept the examples',
    ],
    why: 'the compiler of TypeScript is installed for Linux',
  },
  {
    specs: [
      'The example telemetry/prometheus',
      "net-ipc and omni-ipc/net-ipc : our server and the original's client greet, tell, ask and ping each other over T",
    ],
    why: 'sockets refuse what fetch and net-ipc set before they are connected (connect UNKNOWN)',
  },
  {
    specs: [
      "A user's directory is made with all directories above it",
      'The packages that are installed in a project',
      'docs/extending.md has',
      'omni-ipc doctor finds installed packages, also nested',
      'omni-ipc doctor finds dependencies and installed packages of workspaces',
    ],
    why: 'there are no symbolic links and no junctions',
  },
  {
    specs: ['omni-ipc serve ends the command when the caller of its stream has left'],
    why: 'taskkill does not end a tree of processes',
  },
  {
    specs: ['omni-ipc migrate'],
    why: 'there are no symbolic links, and the compiler of TypeScript is installed for Linux',
  },
];
