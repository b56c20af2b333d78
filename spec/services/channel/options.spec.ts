import { validate } from '../../../entities/config.js';
import { type ChannelOptions, engineConfig, settings } from '../../../services/channel/options.js';
import { ipcError } from '../../support/errors.js';

describe("A channel's options", () => {
  it('have defaults', () => {
    expect(settings({})).toEqual({
      name: undefined,
      peer: undefined,
      group: undefined,
      nats: undefined,
      directory: undefined,
      heartbeat: 500,
      absenceTimeout: 10_000,
      requestTimeout: 10_000,
      maxMessageSize: 16 * 1024 * 1024,
      maxPendingBytes: 64 * 1024 * 1024,
    });
  });

  it('may be left undefined one by one', () => {
    expect(settings({ name: undefined, heartbeat: undefined, absenceTimeout: 0 })).toEqual(
      settings({ absenceTimeout: 0 }),
    );
  });

  const bad: [ChannelOptions, RegExp][] = [
    [{ name: '' }, /name is ''; it must be a string/],
    [{ peer: 3 } as unknown as ChannelOptions, /peer is 3; it must be a string/],
    [{ peer: 'all' }, /peer is 'all'; it must be another name/],
    [{ directory: '' }, /directory/],
    [{ heartbeat: 1 }, /heartbeat is 1; it must be milliseconds, from 10/],
    [{ absenceTimeout: -1 }, /absenceTimeout/],
    [{ absenceTimeout: 2 ** 31 }, /absenceTimeout/],
    [{ requestTimeout: Number.NaN }, /requestTimeout is NaN/],
    [{ maxMessageSize: 0 }, /maxMessageSize/],
    [{ maxPendingBytes: '1' } as unknown as ChannelOptions, /maxPendingBytes is '1'/],
    [{ heartBeat: 5 } as ChannelOptions, /does not know heartBeat; did you mean heartbeat\?/],
    [{ maxMesageSize: 5 } as ChannelOptions, /did you mean maxMessageSize\?/],
    [{ host: 'x' } as ChannelOptions, /does not know host; it knows name, peer, group/],
    [{ nats: 'nats://user:pass@host' } as unknown as ChannelOptions, /nats is 'nats:\/\/\*\*\*@host'/],
    [{ group: '' }, /group is ''/],
    [{ peer: 'group:x' }, /does not begin with 'group:'/],
  ];
  for (const [options, message] of bad) {
    it(`are refused when they are ${JSON.stringify(options)}`, () => {
      expect(() => settings(options)).toThrow(ipcError('ERR_IPC_CONFIG', message));
    });
  }

  it('make a config that the engine accepts', () => {
    const config = engineConfig(settings({ maxMessageSize: 1000 }));
    expect(() => validate(config)).not.toThrow();
    expect(config.maxMessageSize).toBeGreaterThan(3000);
    // Nothing tells who owns a Windows pipe: no client could connect.
    const sameUser = process.platform !== 'win32';
    expect(config).toEqual(jasmine.objectContaining({ exclusive: true, sameUser, silent: true }));
  });
});
