import type { Client } from '../../lib/client.js';
import type { Deadline } from '../../lib/deadline.js';

/** Sends what is queued and closes a client for good. What is not sent until `limit` is lost. */
export async function hangUp(client: Client, limit: Deadline): Promise<void> {
  const gone = new Promise<void>((resolve) => {
    client.once('destroy', resolve);
  });
  client.disconnect();
  await limit.settled(gone);
  client.destroy();
}
