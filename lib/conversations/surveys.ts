/** The result of one peer's request in a survey: an entry of `Promise.allSettled`, with the peer. */
export type Surveyed<Peer, Answer> = { socket: Peer } & PromiseSettledResult<Answer>;

/** Sends a request to all peers in parallel, and waits for all answers; the results are in the order of the peers. */
export async function survey<Peer, Answer>(
  peers: readonly Peer[],
  ask: (peer: Peer) => Promise<Answer>,
): Promise<Surveyed<Peer, Answer>[]> {
  const results = await Promise.allSettled(peers.map(ask));
  return results.map((result, i) => ({ socket: peers[i] as Peer, ...result }));
}

/** Like {@link survey}, but the results are the times of the answers in milliseconds. */
export function surveyTimes<Peer>(
  peers: readonly Peer[],
  ask: (peer: Peer) => Promise<unknown>,
): Promise<Surveyed<Peer, number>[]> {
  const since = performance.now();
  return survey(peers, async (peer) => {
    await ask(peer);
    return performance.now() - since;
  });
}
