/** What came of one peer's request in a survey: as `Promise.allSettled` has it, with the peer. */
export type Surveyed<Peer, Answer> = { socket: Peer } & PromiseSettledResult<Answer>;

/** Asks all peers at once, and waits for all of them; in the order asked. */
export async function survey<Peer, Answer>(
  peers: readonly Peer[],
  ask: (peer: Peer) => Promise<Answer>,
): Promise<Surveyed<Peer, Answer>[]> {
  const results = await Promise.allSettled(peers.map(ask));
  return results.map((result, i) => ({ socket: peers[i] as Peer, ...result }));
}

/** As {@link survey}, with the milliseconds that each answer took. */
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
