import { createRequire } from 'node:module';
import { join } from 'node:path';
import { constants, inflateRawSync } from 'node:zlib';
import { packageFolder } from '../version.js';

/** Decodes the body of a frame; throws if it is invalid. */
export type ReadBody = (body: Buffer) => unknown;

export const readJson: ReadBody = (body) => JSON.parse(body.toString());

/** Limits: the inflated size of one body, and the window of deflate, both in bytes. */
const MOST_INFLATED = 64 * 1024 * 1024;
const WINDOW = 32 * 1024;
const FLUSH_MARK = Buffer.from([0, 0, 255, 255]);

/** Inflates bodies that were compressed in one shared context. */
export function inflated(read: ReadBody): ReadBody {
  let window: Buffer = Buffer.alloc(0);
  return (body) => {
    const whole = body.subarray(-4).equals(FLUSH_MARK) ? body : Buffer.concat([body, FLUSH_MARK]);
    const dictionary = window.length > 0 ? { dictionary: window } : {};
    const { Z_SYNC_FLUSH } = constants;
    const plain = inflateRawSync(whole, {
      finishFlush: Z_SYNC_FLUSH,
      maxOutputLength: MOST_INFLATED,
      ...dictionary,
    });
    window = Buffer.concat([window, plain]).subarray(-WINDOW);
    return read(plain);
  };
}

interface Msgpackr {
  Packr: new (options: object) => { unpack(bytes: Buffer): unknown };
  addExtension(extension: object): void;
}

const MAP = 0x4d;
const ZERO = 0x5a;

let unpack: ReadBody | undefined;

/**
 * Decodes MessagePack with the msgpackr of the project here, or of this package.
 * @throws Error if it is not installed
 */
export const readMsgpack: ReadBody = (body) => {
  unpack ??= loadUnpack();
  return unpack(body);
};

function loadUnpack(): ReadBody {
  for (const folder of [process.cwd(), packageFolder()]) {
    if (folder === undefined) continue;
    try {
      const msgpackr: Msgpackr = createRequire(join(folder, 'package.json'))('msgpackr/index-no-eval');
      msgpackr.addExtension({ Class: Map, type: MAP, read: mapOf, write: () => [] });
      msgpackr.addExtension({ Class: class {}, type: ZERO, read: () => 0, write: () => 0 });
      const packr = new msgpackr.Packr({ useRecords: false, moreTypes: true });
      return (body) => packr.unpack(body);
    } catch {
      // Not installed here.
    }
  }
  throw new Error('MessagePack is shown where msgpackr is installed: npm install msgpackr');
}

function mapOf(entries: unknown[]): Map<unknown, unknown> {
  const map = new Map();
  for (let index = 0; index < entries.length; index += 2) map.set(entries[index], entries[index + 1]);
  return map;
}
