import { safeCharacter, WIRE } from '../../../entities/config/wire.js';
import { validate } from '../../../entities/config.js';
import { ipcError } from '../../support/errors.js';
import { configWith, itRefuses } from '../../support/settings.js';

describe('The wire of a config', () => {
  itRefuses(WIRE, {
    encoding: ['utf32', '', ' utf8', undefined],
    rawBuffer: [1, undefined],
    delimiter: ['', ',', 'e', ' ', '{}', '12', '\ud800', 1, undefined],
    framing: ['netstring', undefined],
    sync: ['yes'],
    codec: ['', 1, undefined],
    compress: ['deflate', undefined],
    codecs: ['msgpack', [1], null],
    accept: [[], [1], [''], 'json', undefined],
    dialect: ['', 1, undefined],
  });

  it('refuses settings that contradict rawBuffer', () => {
    expect(() => validate(configWith({ rawBuffer: true }))).not.toThrow();
    const needHello = [
      { codec: 'msgpack' },
      { compress: true },
      { credentials: 'me' },
      { authorize: () => true },
    ];
    for (const settings of needHello) {
      const [key] = Object.keys(settings);
      expect(() => validate(configWith({ rawBuffer: true, ...settings }))).toThrow(
        ipcError('ERR_IPC_CONFIG', `config.${key} cannot be combined with config.rawBuffer`),
      );
    }
  });
});

describe('A delimiter', () => {
  const accepted: [string, string][] = [
    ['\f', '\f'],
    ['\n', '\n'],
    ['\r\n', '\r'],
    ['\0\0', '\0'],
    ['\x1e', '\x1e'],
    ['||', '|'],
    ['§', '§'],
    ['END', 'N'],
    ['}|', '|'],
    ['e😀', '😀'],
    ['\x7f', '\x7f'],
  ];

  it('must have a character that JSON uses only inside strings', () => {
    for (const [delimiter, safe] of accepted) {
      expect(safeCharacter(delimiter)).withContext(JSON.stringify(delimiter)).toBe(safe);
      expect(() => validate(configWith({ delimiter }))).not.toThrow();
    }
  });

  it('is refused if it has no such character', () => {
    for (const delimiter of [
      '',
      ',',
      '"',
      '\\',
      '{}',
      '[]',
      ':',
      ' ',
      'true',
      '0',
      '-1.5e+3',
      '\\u0',
      'nu',
    ]) {
      expect(safeCharacter(delimiter)).withContext(delimiter).toBe('');
      expect(() => validate(configWith({ delimiter }))).toThrow(
        ipcError('ERR_IPC_CONFIG', 'must be a string with a character that JSON uses only inside strings'),
      );
    }
  });

  it('is refused if it is a lone surrogate', () => {
    expect(() => validate(configWith({ delimiter: '|\ud83d' }))).toThrow(
      ipcError('ERR_IPC_CONFIG', 'config.delimiter'),
    );
  });

  it('is not accepted for a character that JSON writes around strings or in its escapes', () => {
    let ascii = '';
    for (let code = 0; code < 0x80; code++) ascii += String.fromCharCode(code);
    const written = JSON.stringify([{ [ascii]: ascii }, true, false, null, 1.5e-300, 1e300, '\u2028\ud800']);
    const outside =
      written.replaceAll(/"(?:[^"\\]|\\.)*"/g, '""') + written.match(/\\(?:u[0-9a-f]{4}|.)/g)?.join('');
    for (const character of new Set(outside))
      expect(safeCharacter(character)).withContext(character).toBe('');
  });
});
