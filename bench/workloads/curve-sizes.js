import { spent } from '../lib/spent.js';
import { fail } from '../lib/talk.js';

export { server } from './text.js';

const KIBIBYTE = 1024;
const MEBIBYTE = 1024 * KIBIBYTE;
/** The bytes of a message beside its text. They count for config.maxMessageSize, too. */
const LARGEST = 64 * MEBIBYTE - KIBIBYTE;
const SIZES = [64, KIBIBYTE, 16 * KIBIBYTE, 256 * KIBIBYTE, 4 * MEBIBYTE, LARGEST];

/** Measures the cost of one byte against the size of its message. One message at a time is echoed. */
export const workload = {
  title: 'Larger and larger messages, there and back',
  curve: 'bytes of text in a message',
  metrics: [{ key: 'cpu', label: 'ns of processor time a byte, both processes', better: 'less', digits: 2 }],
  references: [],
  cases: SIZES.map((size) => ({
    name: String(size),
    x: size,
    transport: 'unix',
    load: { size },
    subjects: ['bare', 'omni-ipc'],
  })),
  targets: [],
  rounds: 3,
  warm: 300,
  time: 500,
};

export async function client(adapter, place, { load, warm, time, other }) {
  const text = 'The quick brown fox jumps over the lazy dog. '.repeat(load.size / 45 + 1).slice(0, load.size);
  let sent = 0;
  let back;
  const { send } = await adapter.connect(place, (data) => back(data));

  async function trips(ms) {
    const until = performance.now() + ms;
    const first = sent;
    do {
      const data = await new Promise((resolve) => {
        back = resolve;
        send({ n: sent, text });
      });
      if (data.n !== sent++ || data.text !== text) fail(`text ${data.n} came back changed`);
    } while (performance.now() < until);
    return sent - first;
  }

  await trips(warm);
  const before = spent(other);
  const count = await trips(time);
  return { cpu: ((spent(other) - before) * 1000) / (2 * count * load.size), sent };
}
