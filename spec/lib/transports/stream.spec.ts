import { stream } from '../../../lib/transports/stream.js';
import { tcp } from '../../../lib/transports/tcp.js';
import { tls } from '../../../lib/transports/tls.js';
import { unix } from '../../../lib/transports/unix.js';
import { ipcError } from '../../support/errors.js';

describe('A byte stream as a transport', () => {
  it('tells failures of TLS from others', () => {
    const broken = (code: string) => stream(tcp).broken(Object.assign(new Error('x'), { code }));
    expect(broken('ECONNRESET')).toEqual(ipcError('ERR_IPC_SOCKET', 'The connection broke'));
    expect(broken('ERR_SSL_ALERT')).toEqual(ipcError('ERR_IPC_HANDSHAKE', 'config.tls'));
  });

  it('explains a silent end only if its transport can', () => {
    expect(stream(unix).refusal).toBeUndefined();
    for (const kind of [tcp, tls]) expect(stream(kind).refusal).toBeDefined();
  });
});
