import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { agreed, offered } from '../../../lib/dialects/negotiation.js';
import { afterwards } from '../../support/afterwards.js';
import { freshDirectory } from '../../support/places.js';
import { built } from '../../support/project.js';

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
  it('is what was offered and it has the packages for', () => {
    expect(agreed({})).toEqual({ codec: 'json', compress: false });
    expect(agreed({ codecs: ['other', 'msgpack'] })).toEqual({ codec: 'msgpack', compress: false });
    expect(agreed({ compress: true })).toEqual({ codec: 'json', compress: true });
    expect(agreed({ codecs: ['msgpack'], compress: true })).toEqual({ codec: 'msgpack', compress: true });
  });

  it('is plain json for an offer that makes no sense', () => {
    for (const codecs of ['msgpack', {}, null, 5, [['msgpack']], []]) {
      expect(agreed({ codecs, compress: 'yes' })).toEqual({ codec: 'json', compress: false });
    }
  });
});

describe('Without the optional packages', () => {
  /** The same code in a place where nothing is installed. */
  async function elsewhere(msgpackr?: string): Promise<{ offered: typeof offered; agreed: typeof agreed }> {
    const place = freshDirectory();
    for (const folder of ['entities', 'lib'])
      cpSync(join(built, folder), join(place, folder), { recursive: true });
    writeFileSync(join(place, 'package.json'), '{"type":"module"}');
    if (msgpackr !== undefined) {
      const home = join(place, 'node_modules', 'msgpackr');
      mkdirSync(home, { recursive: true });
      writeFileSync(join(home, 'index-no-eval.js'), msgpackr);
    }
    // Packages are also looked for where the program is, and where it was started.
    const [, program = ''] = process.argv;
    process.argv[1] = join(place, 'program.js');
    spyOn(process, 'cwd').and.returnValue(place);
    afterwards(() => {
      process.argv[1] = program;
    });
    return import(pathToFileURL(join(place, 'lib', 'dialects', 'negotiation.js')).href);
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

  it('a server goes on in plain json', async () => {
    const there = await elsewhere();
    const offer = { codecs: ['msgpack'], compress: true };
    expect(there.agreed(offer)).toEqual({ codec: 'json', compress: false });
    expect(there.agreed(offer)).toEqual({ codec: 'json', compress: false });
  });

  it('a msgpackr that is too old counts as none', async () => {
    const there = await elsewhere('exports.Packr = class {}; exports.addExtension = () => {};');
    expect(() => there.offered({ codec: 'msgpack', compress: false })).toThrowError(/npm install msgpackr@2/);
    expect(there.agreed({ codecs: ['msgpack'] }).codec).toBe('json');
  });
});
