import { Socket } from 'node:net';
import { MessageChannel } from 'node:worker_threads';
import type { InterceptedMessage } from '../../../lib/interceptors.js';
import { attributesOf, isCall, Names, shownName } from '../../../services/opentelemetry/attributes.js';
import { afterwards } from '../../support/afterwards.js';

const message: InterceptedMessage = {
  kind: 'request',
  side: 'client',
  type: 'add',
  id: 'world',
  peer: undefined,
  meta: undefined,
};

describe('The attributes of a span', () => {
  it('follow the conventions of RPC for requests and streams', () => {
    expect(isCall(message) && isCall({ ...message, kind: 'stream' })).toBeTrue();
    const transport = process.platform === 'win32' ? 'pipe' : 'unix';
    const local = { ...message, peer: new Socket() };
    expect(attributesOf(local, 'send')).toEqual({
      'rpc.system.name': 'omni_ipc',
      'rpc.method': 'add',
      'network.transport': transport,
      'server.address': 'world',
    });
    expect(attributesOf({ ...local, id: undefined }, 'receive')).toEqual({
      'rpc.system.name': 'omni_ipc',
      'rpc.method': 'add',
      'network.transport': transport,
    });
  });

  it('contain no transport for a message port, or without a connection', () => {
    const { port1, port2 } = new MessageChannel();
    afterwards(() => {
      port1.close();
      port2.close();
    });
    const attributes = { 'rpc.system.name': 'omni_ipc', 'rpc.method': 'add', 'server.address': 'world' };
    for (const peer of [port1, process, undefined])
      expect(attributesOf({ ...message, peer }, 'send')).toEqual(attributes);
  });

  it('name no peer of a channel, which has many', () => {
    const attributes = { 'rpc.system.name': 'omni_ipc', 'rpc.method': 'add' };
    expect(attributesOf({ ...message, side: 'channel', id: undefined }, 'send')).toEqual(attributes);
    expect(attributesOf({ ...message, side: 'channel', peer: 2 }, 'receive')).toEqual(attributes);
  });

  it('follow the conventions of messaging for events and topics', () => {
    const peer = { remoteAddress: '127.0.0.1', remotePort: 8000 };
    expect(attributesOf({ ...message, kind: 'event', peer }, 'send')).toEqual({
      'messaging.system': 'omni_ipc',
      'messaging.operation.name': 'emit',
      'messaging.operation.type': 'send',
      'messaging.destination.name': 'add',
      'network.transport': 'tcp',
      'server.address': '127.0.0.1',
      'server.port': 8000,
    });
    expect(attributesOf({ ...message, kind: 'topic', peer: { address: '::1', port: 9 } }, 'receive')).toEqual(
      jasmine.objectContaining({
        'messaging.operation.name': 'process',
        'network.transport': 'udp',
        'client.address': '::1',
        'client.port': 9,
      }),
    );
    expect(attributesOf({ ...message, kind: 'topic' }, 'send')['messaging.operation.name']).toBe('publish');
  });

  it('are bounded, whatever names peers choose', () => {
    expect(shownName('x'.repeat(1000))).toBe(`${'x'.repeat(200)}... (1000 characters)`);
    const names = new Names();
    for (let count = 0; count < 200; count++) expect(names.of(`name${count}`)).toBe(`name${count}`);
    expect([names.of('one more'), names.of('name7'), new Names().of('x'.repeat(1000))]).toEqual([
      '_OTHER',
      'name7',
      '_OTHER',
    ]);
  });
});
