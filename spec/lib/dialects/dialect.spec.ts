import {
  FULL,
  NO_HANDSHAKE,
  OPTIONAL_HANDSHAKE,
  REQUIRED_HANDSHAKE,
  UNSHARED,
} from '../../../lib/dialects/dialect.js';

describe('A dialect', () => {
  it('encodes once for all connections, unless it says otherwise, with the same result as for each', () => {
    expect(FULL).toEqual({
      sharedEncoding: true,
      namedEvents: true,
      calls: true,
      streams: 'base64',
      published: 'to-subscribers',
    });
    expect(UNSHARED).toEqual({ ...FULL, sharedEncoding: false });
  });

  it('declares whether hello and welcome come first', () => {
    const hellos = [NO_HANDSHAKE, OPTIONAL_HANDSHAKE, REQUIRED_HANDSHAKE].map(({ hello }) => hello);
    expect(hellos).toEqual(['none', 'optional', 'required']);
  });
});
