import { closeSync, createReadStream, ftruncateSync, openSync, rmSync, writeSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { spent } from '../lib/spent.js';
import { fail } from '../lib/talk.js';

const MEBIBYTE = 1024 * 1024;
const SIZE = 1024 * MEBIBYTE;
/** The last bytes of the file, which show that it is complete. */
const END = Buffer.from('the end of the file');

export const workload = {
  title: 'A file of 1 GiB, in the chunks that createReadStream gives',
  metrics: [
    { key: 'rate', label: 'MiB a second', better: 'more' },
    { key: 'cpu', label: 's of processor time, both processes', better: 'less', digits: 2 },
  ],
  references: ['files-net', 'files-base64'],
  cases: [
    {
      name: 'unix',
      transport: 'unix',
      us: 'omni-ipc-files',
      subjects: ['files-net', 'files-base64', 'omni-ipc-files'],
      targets: [{ metric: 'rate', against: 'files-net', atLeast: 0.5 }],
    },
    {
      name: 'unix, MessagePack',
      transport: 'unix',
      us: 'omni-ipc-files-msgpack',
      subjects: ['files-net', 'omni-ipc-files-msgpack'],
      targets: [{ metric: 'rate', against: 'files-net', atLeast: 0.5 }],
    },
  ],
  targets: [],
  rounds: 3,
};

/** Sends the file on request: once to warm up, and once for the measurement. */
export async function server(adapter, place, { ready, over }) {
  const path = `${place.path}.file`;
  const file = openSync(path, 'w');
  ftruncateSync(file, SIZE);
  writeSync(file, END, 0, END.length, SIZE - END.length);
  closeSync(file);
  let opened = 0;
  let sent = 0;
  let before = 0;
  await adapter.serve(place, (options) => {
    if (++opened === 2) before = spent();
    const chunks = createReadStream(path, options);
    chunks.on('end', () => {
      sent = chunks.bytesRead;
    });
    return chunks;
  });
  ready();
  await over;
  const serverSpent = spent() - before;
  rmSync(path);
  return { sent, serverSpent };
}

/** Reads the file, and counts its bytes. */
export async function client(adapter, place) {
  const open = await adapter.connect(place);

  async function read() {
    let received = 0;
    let end = Buffer.alloc(0);
    const source = open();
    await pipeline(source, async (chunks) => {
      for await (const chunk of chunks) {
        received += chunk.length;
        end = (chunk.length < END.length ? Buffer.concat([end, chunk]) : chunk).subarray(-END.length);
      }
    });
    if (!end.equals(END)) fail('the end of the file is missing');
    if (source.bytesRead !== undefined && source.bytesRead !== received) {
      fail(`bytesRead is ${source.bytesRead} after ${received} bytes`);
    }
    return received;
  }

  await read();
  const before = spent();
  const start = performance.now();
  const received = await read();
  const rate = received / MEBIBYTE / ((performance.now() - start) / 1000);
  return { rate, received, clientSpent: spent() - before };
}

/** The sum of both processes. */
export function summarize(report) {
  return { ...report, cpu: (report.clientSpent + report.serverSpent) / 1e6 };
}
