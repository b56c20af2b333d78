/**
 * Requests on top of something that only sends and delivers, as one would write them by hand: a number goes along, and a
 * table of promises waits for the same number to come back.
 */
export function numbered(send) {
  const waiting = new Map();
  let last = 0;
  return {
    request(data) {
      return new Promise((resolve) => {
        waiting.set(++last, resolve);
        send({ id: last, data });
      });
    },
    settle({ id, data }) {
      const resolve = waiting.get(id);
      waiting.delete(id);
      resolve?.(data);
    },
  };
}
