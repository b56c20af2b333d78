import { defaults } from '../../../entities/config.js';
import { checkDialed, netArguments, pick } from '../../../services/ipc/arguments.js';
import { ipcError } from '../../support/errors.js';
import { freshIPC } from '../../support/instances.js';

describe('The arguments of serveNet and connectToNet', () => {
  const take = (...args: unknown[]) => netArguments('ipc.serveNet()', args, defaults());
  const callback = () => {};

  it('are distinguished by their types, in any order, and each may be omitted', () => {
    const all = { host: 'a.example', port: 1, udp: 'udp4', callback } as const;
    expect(take()).toEqual({ host: 'localhost', port: 8000, udp: undefined, callback: undefined });
    expect(take('a.example', 1, 'UDP4', callback)).toEqual(all);
    expect(take(callback, 'udp4', 1, 'a.example')).toEqual(all);
    expect(take(null, undefined, false, '', 1).port).toBe(1);
  });

  it('accept a port as digits after a host, and a domain name that begins with udp as a host', () => {
    expect(take('a.example', '8080')).toEqual(jasmine.objectContaining({ host: 'a.example', port: 8080 }));
    expect(take('8080').host).toBe('8080');
    expect(take('udp.example').host).toBe('udp.example');
  });

  it('are refused if they fit no parameter', () => {
    const wrong: readonly (readonly [args: unknown[], message: string])[] = [
      [['udp4', 'udp6'], 'both given as the family of UDP'],
      [['udp5'], "neither 'udp4' nor 'udp6'"],
      [[65_536], '65536 is not a port'],
      [['a', '65536'], '65536 is not a port'],
      [[{}], 'is not a host, port'],
      [[0n], 'is not a host, port'],
    ];
    for (const [args, message] of wrong) {
      expect(() => take(...args))
        .withContext(message)
        .toThrow(ipcError('ERR_IPC_ARGUMENT', message));
    }
  });

  it('select the transport of the config, or none', () => {
    expect(take('a.example', 1, 'tcp')).toEqual(take('a.example', 1));
    expect(() => take('a.example', 1, 'TLS')).toThrow(ipcError('ERR_IPC_CONFIG', 'config.tls is not set'));
  });

  it('cannot select UDP for a client', () => {
    expect(() => checkDialed(take('a.example', 1))).not.toThrow();
    expect(() => checkDialed(take('udp6'))).toThrow(ipcError('ERR_IPC_ARGUMENT', "use serveNet('udp6')"));
  });

  it('may have the callback in any place', () => {
    expect(pick<typeof callback>('/path', callback)).toBe(callback);
    expect(pick<typeof callback>(callback, null)).toBe(callback);
    expect(pick<typeof callback>('/path', undefined)).toBeUndefined();
  });
});

describe('Arguments that would be ignored', () => {
  it('are refused by serve, connectTo and serveNet', () => {
    const ipc = freshIPC();
    const refused: readonly (readonly [call: () => unknown, message: RegExp])[] = [
      [() => ipc.serve({ path: '/x' } as never), /serve\(\{ path \}\)/],
      [() => ipc.serve(5 as never), /serve\(5\): that is not a path/],
      [() => ipc.serve('/x', 5 as never), /the last argument is not a function/],
      [() => ipc.connectTo('a', 5 as never), /connectTo\('a', 5\): that is not a path/],
      [() => ipc.connectTo('a', '/x', {} as never), /the last argument is not a function/],
      [() => ipc.serveNet(45811, 'udp' as never), /neither 'udp4' nor 'udp6'/],
      [() => ipc.serveNet({ port: 1 } as never), /\{ port: 1 \} is not a host/],
    ];
    for (const [call, message] of refused) expect(call).toThrow(ipcError('ERR_IPC_ARGUMENT', message));
    expect(ipc.server).toBeFalsy();
    expect(Object.keys(ipc.of)).toEqual([]);
  });
});
