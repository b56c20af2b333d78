/**
 * The maximum length of a label, in characters. A label is kept as long as its peer, and over UDP an attacker could create
 * thousands of peers.
 */
const LONGEST_LABEL = 1024;

/** As in node-ipc, the `id` of a payload, if it is a string or number, becomes the label of the peer. */
export function labelPeer(peer: { id?: unknown }, data: unknown): void {
  if (typeof data !== 'object' || data === null) return;
  const { id } = data as { id?: unknown };
  const isLabel = typeof id === 'string' ? id.length <= LONGEST_LABEL : typeof id === 'number';
  if (id && isLabel) peer.id = id;
}
