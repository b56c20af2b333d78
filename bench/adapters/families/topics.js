import { adapter as omni } from '../omni-ipc.js';

/** An adapter that broadcasts by publishing under a topic to which every client subscribes. `idle` returns other topics to subscribe to. */
export function topics({ idle = () => [], ...about }) {
  return {
    ...about,
    async serve(place, deliver) {
      const { server, send } = await omni.serve(place, deliver);
      return { send, broadcast: (data) => server.publish('news.tick', data) };
    },
    async connect(place, deliver) {
      const { client, send } = await omni.connect(place, deliver);
      await client.subscribe('news.tick', deliver);
      const others = idle();
      if (others.length > 0) await client.subscribe(others, () => {});
      return { send };
    },
  };
}
