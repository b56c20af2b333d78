import type { Endpoint } from '../../../entities/address.js';
import { DatagramBuffer } from '../../../lib/pipes/datagram-buffer.js';

const peer: Endpoint = { address: '127.0.0.1', port: 1 };
const other: Endpoint = { address: '127.0.0.1', port: 2 };

function outbox() {
  const sent: { text: string; frames: number; peer: Endpoint }[] = [];
  const box = new DatagramBuffer((datagram, frames, to) => {
    sent.push({ text: datagram.toString(), frames, peer: to });
    return true;
  });
  return { box, sent };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('A datagram outbox', () => {
  it('joins the frames of a turn to one peer', async () => {
    const { box, sent } = outbox();
    box.push('a\f', peer);
    box.push('é\f', peer);
    expect(sent).toEqual([]);
    await turn();
    expect(sent).toEqual([{ text: 'a\fé\f', frames: 2, peer }]);
  });

  it('keeps the order of what goes to several peers', async () => {
    const { box, sent } = outbox();
    box.push('1', peer);
    box.push('2', other);
    box.push('3', peer);
    await turn();
    expect(sent.map(({ text }) => text)).toEqual(['1', '2', '3']);
    expect(sent.map((one) => one.peer)).toEqual([peer, other, peer]);
  });

  it('starts another datagram before one exceeds 1400 bytes', async () => {
    const { box, sent } = outbox();
    const frame = 'é'.repeat(300);
    for (let i = 0; i < 5; i++) box.push(frame, peer);
    await turn();
    expect(sent.map(({ frames }) => frames)).toEqual([2, 2, 1]);
  });

  it('sends a long frame, and bytes, in a datagram of their own and at once', () => {
    const { box, sent } = outbox();
    box.push('before', peer);
    box.push('x'.repeat(2000), peer);
    box.push(Buffer.from('raw'), peer);
    expect(sent.map(({ text }) => text.length)).toEqual([6, 2000, 3]);
  });

  it('reports the outcome of a frame that is sent at once', () => {
    const box = new DatagramBuffer(() => false);
    expect(box.push('x'.repeat(2000), peer)).toBeFalse();
    expect(box.push('joined', peer)).toBeTrue();
    box.flush();
  });
});
