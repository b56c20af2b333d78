import { defaults } from '../../../entities/config.js';
import { NodeIpcDialect } from '../../../lib/dialects/node-ipc.js';
import { BytePipe } from '../../../lib/pipes/byte-pipe.js';
import { openPipe } from '../../../lib/pipes/open.js';
import { ipcError } from '../../support/errors.js';
import { Listening } from '../../support/pipes.js';
import { socketPair } from '../../support/sockets.js';

describe('Opening a pipe', () => {
  const dialect = new NodeIpcDialect('\f');

  it('creates the pipe for the kind of transport', async () => {
    const { socket } = await socketPair();
    const pipe = openPipe('bytes', socket, dialect, defaults(), new Listening());
    expect(pipe).toBeInstanceOf(BytePipe);
    expect(pipe.socket).toBe(socket);
  });

  it('is refused for a transport without connections', () => {
    expect(() => openPipe('datagrams', {}, dialect, defaults(), new Listening())).toThrow(
      ipcError('ERR_IPC_UNSUPPORTED'),
    );
  });
});
