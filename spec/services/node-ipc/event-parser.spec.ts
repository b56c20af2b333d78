import { createRequire } from 'node:module';
import { EventParser, type Formattable } from '../../../services/node-ipc/event-parser.js';

const original = createRequire(import.meta.url)('node-ipc-9/entities/EventParser') as typeof EventParser;

/** A message as js-message makes it. */
class Message implements Formattable {
  type = 'event';
  data: unknown;

  constructor(data: unknown) {
    this.data = data;
  }

  get JSON(): string {
    return JSON.stringify({ type: this.type, data: this.data });
  }
}

describe('EventParser', () => {
  it("makes the original's frames, and changes the message as that does", () => {
    for (const data of [{ x: ['ä'] }, 'text', 0, false, '', null, undefined, { _maxListeners: 10 }]) {
      for (const delimiter of ['\f', '\n', '||']) {
        const [message, expected] = [new Message(data), new Message(data)];
        const frame = new EventParser({ delimiter }).format(message);
        expect(frame).toBe(new original({ delimiter }).format(expected));
        expect(message).toEqual(expected);
      }
    }
  });

  it('accepts plain objects, and has the default delimiter', () => {
    for (const config of [undefined, null, false] as const) {
      expect(new EventParser(config).format({ type: 'a', data: 1 })).toBe('{"type":"a","data":1}\f');
    }
  });

  it('escapes the delimiter in a payload', () => {
    const parser = new EventParser({ delimiter: '||' });
    const [frame = ''] = parser.parse(parser.format(new Message('a||b')));
    expect(JSON.parse(frame)).toEqual({ type: 'event', data: 'a||b' });
    expect(new EventParser({ delimiter: ',' }).format(new Message(1))).toBe('{"type":"event","data":1},');
  });

  it('splits complete frames as the original does', () => {
    const parser = new EventParser({ delimiter: '\n' });
    for (const text of ['', 'a', 'a\n', 'a\nb\n\nc']) {
      expect(parser.parse(text)).toEqual(new original({ delimiter: '\n' }).parse(text));
    }
  });
});
