import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { negotiate, offered, prepareCodecs } from '../../../lib/dialects/negotiation.js';
import { afterwards } from '../../support/afterwards.js';

import { freshDirectory } from '../../support/places.js';
import { built } from '../../support/project.js';
import { codeThrown } from './decoding.js';

const ALL = { codecs: undefined };

describe('What a client offers', () => {
  it('is nothing, unless its config asks for more than json', () => {
    expect(offered({ codec: 'json', compress: false })).toEqual({});
  });

  it('is what its config asks for', () => {
    expect(offered({ codec: 'msgpack', compress: false })).toEqual({ codecs: ['msgpack'] });
    expect(offered({ codec: 'json', compress: true })).toEqual({ compress: true });
    expect(offered({ codec: 'msgpack', compress: true })).toEqual({ codecs: ['msgpack'], compress: true });
  });
});

describe('What a server agrees to', () => {
  beforeAll(() => prepareCodecs(ALL));

  it('is the part of the offer that it has the packages for', () => {
    expect(negotiate({}, ALL)).toEqual({ codec: 'json', compress: false });
    expect(negotiate({ codecs: ['other', 'msgpack'] }, ALL)).toEqual({ codec: 'msgpack', compress: false });
    expect(negotiate({ compress: true }, ALL)).toEqual({ codec: 'json', compress: true });
    expect(negotiate({ codecs: ['msgpack'], compress: true }, ALL)).toEqual({
      codec: 'msgpack',
      compress: true,
    });
  });

  it('leaves out codecs that config.codecs leaves out', () => {
    const offer = { codecs: ['msgpack'], compress: true };
    expect(negotiate(offer, { codecs: [] })).toEqual({ codec: 'json', compress: false });
    expect(negotiate(offer, { codecs: ['deflate'] })).toEqual({ codec: 'json', compress: true });
    expect(negotiate(offer, { codecs: ['json', 'msgpack'] })).toEqual({ codec: 'msgpack', compress: false });
  });

  it('has known names', () => {
    expect(codeThrown(() => prepareCodecs({ codecs: ['msgpack', 'cbor'] }))).toBe('ERR_IPC_CONFIG');
    expect(codeThrown(() => offered({ codec: 'deflate', compress: false }))).toBe('ERR_IPC_CONFIG');
  });

  it('is plain json for an invalid offer', () => {
    for (const codecs of ['msgpack', {}, null, 5, [['msgpack']], []]) {
      expect(negotiate({ codecs, compress: 'yes' }, ALL)).toEqual({ codec: 'json', compress: false });
    }
  });
});

describe('Without the optional packages', () => {
  /** The same code in a place where nothing is installed. */
  async function elsewhere(
    msgpackr?: string,
  ): Promise<{ offered: typeof offered; negotiate: typeof negotiate; prepareCodecs: typeof prepareCodecs }> {
    const place = freshDirectory();
    for (const folder of ['entities', 'lib'])
      cpSync(join(built, folder), join(place, folder), { recursive: true });
    writeFileSync(join(place, 'package.json'), '{"type":"module"}');
    if (msgpackr !== undefined) {
      const home = join(place, 'node_modules', 'msgpackr');
      mkdirSync(home, { recursive: true });
      writeFileSync(join(home, 'index-no-eval.js'), msgpackr);
    }
    goTo(place);
    return import(pathToFileURL(join(place, 'lib', 'dialects', 'negotiation.js')).href);
  }

  /** Packages are looked for beside the program, and where it was started. */
  function goTo(place: string): void {
    const folder = process.cwd();
    const program = process.argv[1] as string;
    process.chdir(place);
    process.argv[1] = join(place, 'program.js');
    afterwards(() => {
      process.chdir(folder);
      process.argv[1] = program;
    });
  }

  it('a client is told which one to install', async () => {
    const there = await elsewhere();
    const thrownBy = (codec: 'json' | 'msgpack', compress: boolean) => {
      try {
        there.offered({ codec, compress });
        return undefined;
      } catch (error) {
        const { code, message } = error as Error & { code: string };
        return [code, message];
      }
    };
    expect(thrownBy('json', false)).toBeUndefined();
    expect(thrownBy('msgpack', false)).toEqual([
      'ERR_IPC_MISSING_PACKAGE',
      "config.codec = 'msgpack' needs the package msgpackr; install it with: npm install msgpackr",
    ]);
    expect(thrownBy('json', true)).toEqual([
      'ERR_IPC_MISSING_PACKAGE',
      'config.compress needs the package fast-zlib; install it with: npm install fast-zlib',
    ]);
  });

  it('a server continues in plain json', async () => {
    const there = await elsewhere();
    there.prepareCodecs(ALL);
    const offer = { codecs: ['msgpack'], compress: true };
    expect(there.negotiate(offer, ALL)).toEqual({ codec: 'json', compress: false });
    expect(there.negotiate(offer, ALL)).toEqual({ codec: 'json', compress: false });
  });

  it('a server does not compress', async () => {
    const here = pathToFileURL(join(built, 'lib', 'dialects', 'negotiation.js')).href;
    const there: { negotiate: typeof negotiate; prepareCodecs: typeof prepareCodecs } = await import(
      `${here}?without`
    );
    goTo(freshDirectory());
    there.prepareCodecs(ALL);
    expect(there.negotiate({ compress: true }, ALL)).toEqual({ codec: 'json', compress: false });
  });

  it('a server that is told to agree to one does not start', async () => {
    const there = await elsewhere();
    expect(() => there.prepareCodecs({ codecs: ['msgpack'] })).toThrowError(/npm install msgpackr/);
  });

  it('a server loads none because of a hello', async () => {
    const there = await elsewhere('throw new Error("it is loaded")');
    expect(there.negotiate({ codecs: ['msgpack'] }, ALL).codec).toBe('json');
  });

  it('a msgpackr that is too old counts as missing', async () => {
    const there = await elsewhere('exports.Packr = class {}; exports.addExtension = () => {};');
    expect(() => there.offered({ codec: 'msgpack', compress: false })).toThrowError(/npm install msgpackr@2/);
    expect(there.negotiate({ codecs: ['msgpack'] }, ALL).codec).toBe('json');
  });
});
