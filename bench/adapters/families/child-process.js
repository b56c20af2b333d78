/** An adapter for `child_process.send`. The server is the parent and starts its client itself. */
export function childProcess({ serialization, ...about }) {
  return {
    ...about,
    forks: true,
    async serve(place, deliver) {
      const child = place.forkClient(serialization);
      child.on('message', (data) => deliver(data, child));
      return { send: (peer, data) => peer.send(data) };
    },
    async connect(_place, deliver) {
      process.on('message', (data) => deliver(data));
      process.on('disconnect', () => process.exit());
      return { send: (data) => process.send(data) };
    },
  };
}
