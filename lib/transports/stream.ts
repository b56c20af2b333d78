import type { Socket } from 'node:net';
import { describe, type StreamAddress } from '../../entities/address.js';
import { brokenFailure } from './failure.js';
import { StreamDial } from './stream-dial.js';
import type { StreamTransport, Transport } from './transport.js';

/** Makes a transport from the description of a byte stream. */
export function stream<Where extends StreamAddress>(kind: StreamTransport<Where>): Transport<Where, Socket> {
  return {
    carries: 'bytes',
    describe,
    url: (address) => `${address.transport}:${address.transport === 'unix' ? '' : '//'}${describe(address)}`,
    unassured: kind.unassured,
    dial: (address, options, events) => new StreamDial(kind, address, options, events),
    listen: (address, options, events) => kind.listen(address, options, events),
    broken: brokenFailure,
    ...(kind.refusal === undefined ? {} : { refusal: kind.refusal }),
  };
}
