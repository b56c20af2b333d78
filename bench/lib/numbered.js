/**
 * Requests over a connection that only sends and receives messages, as a programmer would write them by hand: each message has a
 * number, and a table has the promise for each number.
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
