/** Asks all peers at once, and waits for all of them; in the order asked. */
export async function survey(peers, ask) {
    const results = await Promise.allSettled(peers.map(ask));
    return results.map((result, i) => ({ socket: peers[i], ...result }));
}
/** As {@link survey}, with the milliseconds that each answer took. */
export function surveyTimes(peers, ask) {
    const since = performance.now();
    return survey(peers, async (peer) => {
        await ask(peer);
        return performance.now() - since;
    });
}
//# sourceMappingURL=surveys.js.map