import { tmpdir } from 'node:os';
import { socketPath, withPath } from '../../../services/ipc-server/path.js';

describe('socketPath', () => {
  it('puts a name that is not a path in the directory for temporary files', () => {
    expect(socketPath(undefined, 'linux')).toBe(`${tmpdir()}/isdk-ipc`);
    expect(socketPath('app', 'linux')).toBe(`${tmpdir()}/app`);
    expect(socketPath('a/b', 'darwin')).toBe(`${tmpdir()}/a/b`);
    for (const path of ['/myapp', './app', '../app', '\0app']) expect(socketPath(path, 'linux')).toBe(path);
  });

  it('makes every name a pipe on Windows', () => {
    expect(socketPath(undefined, 'win32')).toBe('//./pipe/isdk-ipc');
    expect(socketPath('/myapp', 'win32')).toBe('//./pipe/myapp');
    expect(socketPath('a/b', 'win32')).toBe('//./pipe/a/b');
    for (const path of ['\\\\.\\pipe\\app', '//./pipe/app', '//?/pipe/app']) {
      expect(socketPath(path, 'win32')).toBe(path);
    }
  });
});

describe('withPath', () => {
  it('names the default path if no other option names the socket', () => {
    const [none, port]: { path?: string; port?: number | null }[] = [{ port: null }, { port: 1 }];
    expect(withPath({}, [])).toEqual({ path: socketPath() });
    expect(withPath(none ?? {}, ['port'])).toEqual({ port: null, path: socketPath() });
    expect(withPath(port ?? {}, ['port'])).toEqual({ port: 1 });
    expect(withPath({ ...port, path: '/x' }, ['port'])).toEqual({ port: 1, path: socketPath('/x') });
    expect(withPath({ path: '' }, [])).toEqual({ path: '' });
    expect(withPath(5 as never, [])).toBe(5 as never);
  });
});
