/** A feature of Windows that Wine lacks, and the specs that need it. */
export interface Limit {
  /** Matches the full names of the specs. */
  readonly specs: RegExp;
  readonly why: string;
}

/** The specs that are skipped only under Wine. Specs for features that Windows lacks skip themselves. */
export const wineLimits: readonly Limit[] = [
  {
    specs:
      /^(A Windows pipe is refused while another|A server that begins to listen rejects|Starting a server fails where another listens|omni-ipc serve refuses a path where a server lives|socket-ipc Server leaves a living server its socket)/,
    why: 'a second process may listen on a pipe',
  },
  {
    specs: /^The local transport lets connections live when it stops listening/,
    why: 'a pipe that is no longer listened on does not refuse a client',
  },
  {
    specs:
      /^(Channel (peers cannot have a name twice|topics are not lost when the hub changes)|HubClient (makes one hub|finds or becomes)|NumberLease (gives each|keeps the number|lets a name be held|takes another|takes the lowest)|A local channel takes the number|Servers with a backplane on one machine leave the backplane where they|Channel, among processes, loses, repeats and swaps|net-ipc: Server leaves a living|fault 6: serve takes what is not its own no living|Where a user's callback .* as the logger, a refused start)/,
    why: 'a second process may listen on a pipe, so that two may hold one name, number or hub',
  },
  {
    specs: /^The example channel\//,
    why: 'a second process may listen on a pipe, so that the members of a channel do not find one hub',
  },
  {
    specs: /^(A UDP socket says that a host cannot be found|A UDP server may fail without a listener)/,
    why: 'UDP sockets may have addresses that the machine does not have',
  },
  { specs: /^The example udp\/ipv6/, why: 'datagrams over IPv6 do not arrive at all sockets' },
  {
    specs: /^(The example typed|The types hold|The documents hold TypeScript programs)/,
    why: 'the compiler of TypeScript is installed for Linux',
  },
  {
    specs:
      /^(The example telemetry\/prometheus|net-ipc among each other : our server and the original's client greet.* over T)/,
    why: 'sockets refuse what fetch and net-ipc set before they are connected (connect UNKNOWN)',
  },
  {
    specs:
      /^(docs\/extending.md has|The packages that are installed in a project|omni-ipc doctor finds what (is installed, nested and in links|workspaces depend on))/,
    why: 'there are no symbolic links and no junctions',
  },
  {
    specs: /^omni-ipc serve ends the command of a stream whose caller has left/,
    why: 'taskkill does not end a tree of processes',
  },
  {
    specs: /^omni-ipc migrate/,
    why: 'there are no symbolic links, and the compiler of TypeScript is installed for Linux',
  },
];
