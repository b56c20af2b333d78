import { adapter as omni } from '../omni-ipc.js';

/** An adapter whose broadcast is a publish, under a topic to which every client subscribes; `idle` gives it other topics. */
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
