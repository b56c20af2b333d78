import { defaults } from '../../../entities/config.js';
import { chooseDatagramDialect, chooseDialect, chooseServerDialect } from '../../../lib/dialects/choose.js';
import { DetectDialect } from '../../../lib/dialects/detect.js';
import type { Finding } from '../../../lib/dialects/dialect.js';
import { registerDialect } from '../../../lib/dialects/registry.js';
import { NET_IPC } from '../../../services/net-ipc/dialect.js';
import { SOCKET_IPC } from '../../../services/socket-ipc/dialect.js';
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
