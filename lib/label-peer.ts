/** A label is kept as long as its peer: over UDP a stranger could leave one for each of thousands of addresses. */
const LONGEST_LABEL = 1024;

/** node-ipc's habit: a payload's `id`, a text or a number, names the peer it came from. */
export function labelPeer(peer: { id?: unknown }, data: unknown): void {
  if (typeof data !== 'object' || data === null) return;
  const { id } = data as { id?: unknown };
  const isLabel = typeof id === 'string' ? id.length <= LONGEST_LABEL : typeof id === 'number';
  if (id && isLabel) peer.id = id;
}
