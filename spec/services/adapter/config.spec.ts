import { adapterConfig } from '../../../services/adapter/config.js';

describe('adapterConfig', () => {
  it('is silent, takes any number of connections, and hears no labels', () => {
    const { silent, maxConnections, identifyPeer } = adapterConfig({});
    expect([silent, maxConnections, identifyPeer]).toEqual([true, Number.POSITIVE_INFINITY, false]);
  });

  it("takes the engine's settings, and no others", () => {
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

  it('refuses a setting that makes no sense', () => {
    expect(() => adapterConfig({ maxMessageSize: -1 })).toThrowError(/config.maxMessageSize is -1/);
  });
});
