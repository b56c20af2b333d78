import { tmpdir } from 'node:os';
import { namedPath, withPath } from '../../../services/ipc-server/path.js';

describe('namedPath', () => {
  it('puts a name that is not a path in the directory for temporary files', () => {
    expect(namedPath(undefined, 'linux')).toBe(`${tmpdir()}/isdk-ipc`);
    expect(namedPath('app', 'linux')).toBe(`${tmpdir()}/app`);
    expect(namedPath('a/b', 'darwin')).toBe(`${tmpdir()}/a/b`);
    for (const path of ['/myapp', './app', '../app', '\0app']) expect(namedPath(path, 'linux')).toBe(path);
  });

  it('makes every name a pipe on Windows', () => {
    expect(namedPath(undefined, 'win32')).toBe('//./pipe/isdk-ipc');
    expect(namedPath('/myapp', 'win32')).toBe('//./pipe/myapp');
    expect(namedPath('a/b', 'win32')).toBe('//./pipe/a/b');
    for (const path of ['\\\\.\\pipe\\app', '//./pipe/app', '//?/pipe/app']) {
      expect(namedPath(path, 'win32')).toBe(path);
    }
  });
});

describe('withPath', () => {
  it('names the default path if no other option names the socket', () => {
    const [none, port]: { path?: string; port?: number | null }[] = [{ port: null }, { port: 1 }];
    expect(withPath({}, [])).toEqual({ path: namedPath() });
    expect(withPath(none ?? {}, ['port'])).toEqual({ port: null, path: namedPath() });
    expect(withPath(port ?? {}, ['port'])).toEqual({ port: 1 });
    expect(withPath({ ...port, path: '/x' }, ['port'])).toEqual({ port: 1, path: namedPath('/x') });
    expect(withPath({ path: '' }, [])).toEqual({ path: '' });
    expect(withPath(5 as never, [])).toBe(5 as never);
  });
});
