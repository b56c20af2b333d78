import { defaults } from '../../../entities/config.js';
import {
  chooseDatagramDialect,
  chooseDialect,
  chooseServerDialect,
  dialectsOf,
} from '../../../lib/dialects/choose.js';
import { DetectDialect } from '../../../lib/dialects/detect.js';
import type { Finding } from '../../../lib/dialects/dialect.js';
import { registerDialect } from '../../../lib/dialects/registry.js';
import { NET_IPC } from '../../../services/net-ipc/dialect.js';
import { SOCKET_IPC } from '../../../services/socket-ipc/dialect.js';
import { ipcError } from '../../support/errors.js';
import { codeThrown, LIMITS, read } from './decoding.js';

const config = (changes: object) => Object.assign(defaults(), { silent: true }, changes);

registerDialect(NET_IPC);
registerDialect(SOCKET_IPC);

describe("A client's dialect", () => {
  it('is the one that the config names', () => {
    for (const dialect of ['json', 'net-ipc', 'topic']) {
      expect(chooseDialect(config({ dialect }), 'bytes').name).toBe(dialect);
    }
  });

  it('is raw if that is asked for, with its encoding', () => {
    const dialect = chooseDialect(config({ rawBuffer: true, encoding: 'hex', dialect: 'topic' }), 'bytes');
    expect(dialect.name).toBe('raw');
    expect(dialect.encode({ type: 'data', data: '00ff' })).toEqual(Buffer.from([0, 255]));
  });

  it('has the delimiter of the config', () => {
    expect(chooseDialect(config({ delimiter: '§' }), 'bytes').encode({ type: 'x', data: 1 })).toBe(
      '{"type":"x","data":1}§',
    );
  });

  it('starts as a client of net-ipc does', () => {
    expect(chooseDialect(config({ dialect: 'net-ipc' }), 'bytes').handshake.preamble?.toString()).toBe('IPC');
  });

  it('must support a hello if the config needs one', () => {
    for (const plain of [{ dialect: 'topic' }, { rawBuffer: true }]) {
      for (const need of [{ credentials: 'x' }, { codec: 'msgpack' }, { compress: true }]) {
        expect(codeThrown(() => chooseDialect(config({ ...plain, ...need }), 'bytes'))).toBe(
          'ERR_IPC_CONFIG',
        );
      }
    }
    expect(chooseDialect(config({ dialect: 'net-ipc', compress: true }), 'bytes').name).toBe('net-ipc');
  });
});

describe('A codec of the program', () => {
  const codec = { name: 'choose', encode: () => '', decode: () => [] };

  it('is possible in the json dialect alone', () => {
    expect(chooseDialect(config({ codec }), 'bytes').name).toBe('json');
    expect(chooseDialect(config({ codec: 'msgpack', dialect: 'net-ipc' }), 'bytes').name).toBe('net-ipc');
    for (const [name, settings] of [
      ['net-ipc', { dialect: 'net-ipc' }],
      ['topic', { dialect: 'topic' }],
      ['raw', { rawBuffer: true }],
    ] as const) {
      expect(() => chooseDialect(config({ codec, ...settings }), 'bytes')).toThrow(
        ipcError('ERR_IPC_CONFIG', `The ${name} dialect cannot agree on a codec of your own`),
      );
    }
  });
});

describe('The dialect of messages', () => {
  it('is that of values, on both sides, whatever the config names', () => {
    for (const settings of [{}, { dialect: 'topic', accept: ['topic', 'json'] }, { codec: 'msgpack' }]) {
      expect(chooseDialect(config(settings), 'messages').name).toBe('structured');
      expect(chooseServerDialect(config(settings), 'messages').name).toBe('structured');
    }
  });

  it('cannot be raw', () => {
    for (const choose of [chooseDialect, chooseServerDialect]) {
      expect(() => choose(config({ rawBuffer: true }), 'messages')).toThrow(
        ipcError('ERR_IPC_CONFIG', 'config.rawBuffer sends bytes'),
      );
    }
  });
});

describe("The names of the dialects of a server's clients", () => {
  it('are those that it accepts, or the only one of what it carries', () => {
    const accept = ['json', 'topic'];
    const names = (['bytes', 'messages', 'datagrams'] as const).map((carries) =>
      [false, true].map((rawBuffer) => dialectsOf(config({ accept, rawBuffer }), carries)),
    );
    expect(names).toEqual([
      [accept, ['raw']],
      [['structured'], ['structured']],
      [['json'], ['raw']],
    ]);
  });
});

describe("A server's dialect", () => {
  it('is the only one that it accepts', () => {
    for (const name of ['json', 'net-ipc', 'topic']) {
      expect(chooseServerDialect(config({ accept: [name, name] }), 'bytes').name).toBe(name);
    }
    expect(chooseServerDialect(config({ rawBuffer: true, accept: ['json', 'topic'] }), 'bytes').name).toBe(
      'raw',
    );
  });

  it('is detected if it accepts several', () => {
    const dialect = chooseServerDialect(
      config({ accept: ['json', 'net-ipc', 'topic'], delimiter: '§' }),
      'bytes',
    );
    expect(dialect).toBeInstanceOf(DetectDialect);
    const [found, packet] = read(dialect.decoder(LIMITS), [Buffer.from('{"type":"x","data":1}§')]).packets;
    expect((found as Finding).dialect).toBe((dialect as DetectDialect).assumed);
    expect(packet).toEqual({ type: 'x', data: 1 });
  });

  it('is the server side of net-ipc', () => {
    const dialect = chooseServerDialect(config({ accept: ['net-ipc'] }), 'bytes');
    expect(dialect.handshake.preamble).toBeUndefined();
    expect(read(dialect.decoder(LIMITS), [Buffer.from('HTTP')]).error).toBe('ERR_IPC_PROTOCOL');
  });
});

describe("A datagram's dialect", () => {
  it('is json or raw, whatever config.accept is', () => {
    const accept = ['json', 'net-ipc', 'topic'];
    expect(chooseDatagramDialect(config({ accept })).name).toBe('json');
    expect(chooseDatagramDialect(config({ accept, rawBuffer: true })).name).toBe('raw');
  });
});
