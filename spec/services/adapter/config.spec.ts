import { adapterConfig } from '../../../services/adapter/config.js';
import { IPCClient, IPCServer } from '../../../services/ipc-server/index.js';
import { Client as NetClient, Server as NetServer } from '../../../services/net-ipc/index.js';
import { Client as TopicClient, Server as TopicServer } from '../../../services/socket-ipc/index.js';
import { ipcError } from '../../support/errors.js';

// biome-ignore lint/suspicious/noExplicitAny: programs without types
type Loose = any;

describe('The options of the drop-ins', () => {
  const classes: [string, Loose, Loose, object][] = [
    ['net-ipc', NetClient, NetServer, { path: 'x' }],
    ['@isdk/ipc-server', IPCClient, IPCServer, { path: 'x' }],
    ['@crussell52/socket-ipc', TopicClient, TopicServer, { socketFile: '/x' }],
  ];

  for (const [library, Client, Server, place] of classes) {
    it(`of ${library} are refused if they do not exist, with a suggestion`, () => {
      const wrong: [object, string][] = [
        [{ maxMesageSize: 1 }, 'does not know options.maxMesageSize; did you mean options.maxMessageSize?'],
        [{ sameuser: true }, 'did you mean options.sameUser?'],
        [{ colour: 'red' }, 'does not know options.colour; it knows options.'],
      ];
      for (const [Class, owner] of [
        [Client, 'The client'],
        [Server, 'The server'],
      ] as const) {
        for (const [more, says] of wrong) {
          expect(() => new Class({ ...place, ...more })).toThrow(ipcError('ERR_IPC_ARGUMENT', says));
        }
        for (const none of [5, null, '/x']) {
          expect(() => new Class(none)).toThrow(
            ipcError('ERR_IPC_ARGUMENT', `${owner} takes its options as an object`),
          );
        }
      }
    });
  }

  it('may be one object for client and server', () => {
    const net = {
      path: 'x',
      compress: false,
      messagepack: false,
      max: 3,
      retries: 2,
      generateID: () => 'id',
    };
    const topics = { socketFile: '/x', retryDelay: 1, reconnectDelay: 1, transcoder: undefined };
    for (const Class of [NetClient, NetServer, IPCClient, IPCServer] as Loose[])
      expect(() => new Class(net)).not.toThrow();
    for (const Class of [TopicClient, TopicServer] as Loose[]) expect(() => new Class(topics)).not.toThrow();
  });

  it('of net-ipc for Node are refused if they are misspelt, and passed on if Node may know them', () => {
    const wrong: [Loose, string][] = [
      [
        { options: { noDeley: true } },
        'does not know options.options.noDeley; did you mean options.options.noDelay?',
      ],
      [
        { tls: true, host: 'a', options: { rejectUnautorized: false } },
        'did you mean options.options.rejectUnauthorized?',
      ],
    ];
    for (const [options, says] of wrong) {
      expect(() => new NetClient(options)).toThrow(ipcError('ERR_IPC_ARGUMENT', says));
    }
    expect(() => new NetServer({ port: 1, listenOptions: { hots: 'a' } } as Loose)).toThrow(
      ipcError('ERR_IPC_ARGUMENT', 'did you mean options.listenOptions.host?'),
    );
    const later = { options: { somethingOfALaterNode: 1, noDelay: false } } as Loose;
    expect(new NetClient(later).options.options).toEqual(later.options);
  });
});

describe('adapterConfig', () => {
  it('is silent, accepts any number of connections, and reads no labels', () => {
    const { silent, maxConnections, identifyPeer } = adapterConfig({});
    expect([silent, maxConnections, identifyPeer]).toEqual([true, Number.POSITIVE_INFINITY, false]);
  });

  it('accepts the settings of the engine, and no others', () => {
    const options = {
      maxMessageSize: 10,
      unlink: 'force' as const,
      messageTimeout: undefined,
      delimiter: '|',
    };
    const config = adapterConfig(options);
    expect([config.maxMessageSize, config.unlink]).toEqual([10, 'force']);
    expect([config.messageTimeout, config.delimiter]).toEqual([30_000, '\f']);
  });

  it('refuses an invalid setting', () => {
    expect(() => adapterConfig({ maxMessageSize: -1 })).toThrowError(/config.maxMessageSize is -1/);
  });
});
