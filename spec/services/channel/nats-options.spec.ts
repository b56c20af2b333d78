import type { NodeConnectionOptions } from '@nats-io/transport-node';
import { checkNatsOptions, type NATS_OPTIONS } from '../../../services/channel/nats-options.js';
import { ipcError } from '../../support/errors.js';

describe('The connection options of NATS', () => {
  it('are those of the installed client', () => {
    type Ours = (typeof NATS_OPTIONS)[number];
    const unknown: Exclude<Ours, keyof NodeConnectionOptions>[] = [];
    const missing: Exclude<keyof NodeConnectionOptions, Ours>[] = [];
    // What the types leave: a name in either list would not compile.
    const none: readonly never[] = [...unknown, ...missing];
    expect(none).toEqual([]);
  });

  it('are refused if one is misspelled, with a suggestion', () => {
    for (const [wrong, right] of [
      ['server', 'servers'],
      ['tokn', 'token'],
      ['maxReconnectAttempt', 'maxReconnectAttempts'],
    ] as const) {
      expect(() => checkNatsOptions({ [wrong]: 'x' })).toThrow(ipcError('ERR_IPC_CONFIG', `nats.${right}`));
    }
  });

  it('are passed on if known, and if they resemble none of the known ones', () => {
    expect(() => checkNatsOptions({ servers: 'nats://127.0.0.1', quorum: 3 })).not.toThrow();
  });
});
