/** node-ipc's habit: a payload's `id` names the peer it came from. */
export function identify(peer: { id?: unknown }, data: unknown): void {
  if (typeof data !== 'object' || data === null) return;
  const { id } = data as { id?: unknown };
  if (id) peer.id = id;
}
