/** All zero. */
export function noStats(since = 0) {
    return { packetsIn: 0, packetsOut: 0, bytesIn: 0, bytesOut: 0, openRequests: 0, pendingBytes: 0, since };
}
/** Adds a connection's traffic to a sum. */
export function addTraffic(sum, more) {
    sum.packetsIn += more.packetsIn;
    sum.packetsOut += more.packetsOut;
    sum.bytesIn += more.bytesIn;
    sum.bytesOut += more.bytesOut;
}
//# sourceMappingURL=stats.js.map