import { checkPath, platformPath } from '../../../lib/transports/platform-path.js';
import { ipcError } from '../../support/errors.js';

const windows = process.platform === 'win32';

describe('The path of a local socket', () => {
  it('is a pipe’s name on Windows, made as node-ipc makes it', () => {
    const names: [string, string][] = [
      ['/tmp/app.world', String.raw`\\.\pipe\tmp-app.world`],
      ['/a/b/c', String.raw`\\.\pipe\a-b-c`],
      ['relative/path', String.raw`\\.\pipe\relative-path`],
    ];
    for (const [path, name] of names) expect(platformPath(path, 'win32')).toBe(name);
  });

  it('is unchanged on Windows if it is already the name of a pipe', () => {
    for (const name of [
      String.raw`\\.\pipe\mine`,
      String.raw`\\?\pipe\mine`,
      String.raw`\\.\PIPE\a/b`,
      '//./pipe/mine',
    ]) {
      expect(platformPath(name, 'win32')).toBe(name);
    }
  });

  it('is unchanged on other platforms', () => {
    for (const platform of ['linux', 'darwin', 'freebsd'] as const) {
      expect(platformPath('/tmp/app.world', platform)).toBe('/tmp/app.world');
    }
    expect(platformPath('/tmp/app.world')).toMatch(windows ? /pipe/ : /^\/tmp\/app\.world$/);
  });
});

describe('The path of an abstract socket', () => {
  it('is refused if the platform has no abstract sockets', () => {
    expect(() => checkPath('\0world', 'linux')).not.toThrow();
    for (const platform of ['darwin', 'freebsd', 'win32'] as const) {
      const refused = ipcError(
        'ERR_IPC_ADDRESS',
        '@world is that of an abstract socket, which only Linux has',
      );
      expect(() => checkPath('\0world', platform)).toThrow(refused);
    }
  });
});

describe('A path that is too long', () => {
  it('is refused for a Windows pipe from 257 characters on, with its name', () => {
    const longest = platformPath('x'.repeat(247), 'win32');
    expect(longest.length).toBe(256);
    expect(() => checkPath(longest, 'win32')).not.toThrow();
    expect(() => checkPath(`${longest}x`, 'win32')).toThrow(
      ipcError('ERR_IPC_ADDRESS', 'has 257 characters; this system allows 256. Choose a shorter'),
    );
  });

  it('is refused for a socket file by its bytes', () => {
    expect(() => checkPath('ä'.repeat(51), 'darwin')).not.toThrow();
    expect(() => checkPath('ä'.repeat(150), 'darwin')).toThrow(
      ipcError('ERR_IPC_ADDRESS', 'has 300 bytes; this system allows'),
    );
  });
});
