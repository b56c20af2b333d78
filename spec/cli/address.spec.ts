import { formatAddress, parseAddress } from '../../cli/address.js';
import { UsageError } from '../../cli/exit.js';

describe('An address on the command line', () => {
  const cases: [string, object][] = [
    ['world', { transport: 'unix', path: '/tmp/app.world' }],
    ['unix:/run/x.sock', { transport: 'unix', path: '/run/x.sock' }],
    ['unix:///run/x.sock', { transport: 'unix', path: '/run/x.sock' }],
    ['unix:x.sock', { transport: 'unix', path: 'x.sock' }],
    ['./x.sock', { transport: 'unix', path: './x.sock' }],
    ['/run/a:80', { transport: 'unix', path: '/run/a:80' }],
    [String.raw`\\.\pipe\x`, { transport: 'unix', path: String.raw`\\.\pipe\x` }],
    ['tcp://', { transport: 'tcp', host: 'localhost', port: 8000 }],
    ['tcp://:9000', { transport: 'tcp', host: 'localhost', port: 9000 }],
    ['TCP://example.org:0', { transport: 'tcp', host: 'example.org', port: 0 }],
    ['tls://[::1]:443', { transport: 'tls', host: '::1', port: 443 }],
    ['udp4://127.0.0.1:53', { transport: 'udp4', host: '127.0.0.1', port: 53 }],
    ['udp6://', { transport: 'udp6', host: '::1', port: 8000 }],
  ];
  for (const [text, address] of cases) {
    it(`is read from ${text}`, () => {
      expect(parseAddress(text) as object).toEqual(address);
      expect(parseAddress(formatAddress(parseAddress(text)))).toEqual(parseAddress(text));
    });
  }

  for (const text of [
    '',
    'unix:',
    'tcp:host',
    'tcp://host:99999',
    'tcp://host:80/path',
    'tcp://user@host',
    'tcp://ho st',
    'udp://host:1',
    'http://host',
    'host:80',
  ]) {
    it(`is refused if it is ${JSON.stringify(text)}`, () => {
      expect(() => parseAddress(text)).toThrowError(UsageError);
    });
  }

  it('given as a name follows socketRoot and appspace of the config', () => {
    const defaults = { socketRoot: '/run/', appspace: 'my.', host: 'localhost', port: 1 };
    expect(parseAddress('world', defaults)).toEqual({ transport: 'unix', path: '/run/my.world' });
  });
});
