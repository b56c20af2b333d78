// Echoed events in place of requests: each echo resolves the oldest pending promise. Requests are compared with this.
import { adapter as omni } from './omni-ipc.js';

export const adapter = {
  name: 'omni-ipc events, echoed',
  async serve(place, _deliver, answer) {
    const { send } = await omni.serve(place, (data, peer) => send(peer, answer(data)));
    return {};
  },
  async connect(place) {
    const waiting = [];
    let next = 0;
    const { send } = await omni.connect(place, (data) => {
      const resolve = waiting[next];
      waiting[next++] = undefined;
      if (next === 4096) {
        waiting.splice(0, next);
        next = 0;
      }
      resolve(data);
    });
    return {
      request: (data) =>
        new Promise((resolve) => {
          waiting.push(resolve);
          send(data);
        }),
    };
  },
};
