import {
  CLIENT_RESERVED,
  ClientStatus,
  type Name,
  type Payload,
  type RequestContract,
  type Response,
  SERVER_RESERVED,
  type Untyped,
} from '../../entities/events.js';

interface World {
  message: string;
  add: { request: [number, number]; response: number };
}

/** Compiles only where the two types are the same. */
function same<One, Other>(
  ..._proof: (<T>() => T extends One ? 1 : 2) extends <T>() => T extends Other ? 1 : 2 ? [] : [never]
): true {
  return true;
}

describe('A contract', () => {
  it('names events and requests', () => {
    expect(same<Name<World>, 'message' | 'add'>()).toBeTrue();
  });

  it('types the data of an event, and the response to a request', () => {
    expect(same<Payload<World, 'message'>, string>()).toBeTrue();
    expect(same<Payload<World, 'add'>, [number, number]>()).toBeTrue();
    expect(same<Response<World, 'add'>, number>()).toBeTrue();
    expect(same<Response<World, 'message'>, string>()).toBeTrue();
    expect(same<World['add'] extends RequestContract ? true : false, true>()).toBeTrue();
  });

  it('types unnamed events as unknown, and checks nothing if there is no contract', () => {
    expect(same<Payload<World, 'other'>, unknown>()).toBeTrue();
    expect(same<Response<World, 'other'>, unknown>()).toBeTrue();
    const loose: Payload<Untyped, 'anything'> = 1;
    expect(loose satisfies string).toBe(1);
  });
});

describe('The names of lifecycle events', () => {
  it('are reserved: a packet of a peer cannot use them', () => {
    expect(CLIENT_RESERVED).toEqual(['connect', 'disconnect', 'destroy', 'error']);
    expect(SERVER_RESERVED).toEqual([
      'start',
      'connect',
      'disconnect',
      'socket.disconnected',
      'close',
      'error',
    ]);
  });
});

describe('A client’s status', () => {
  it('has the numbers of net-ipc 2', () => {
    expect(ClientStatus).toEqual({
      IDLE: 0,
      CONNECTING: 1,
      CONNECTED: 2,
      READY: 3,
      DISCONNECTED: 4,
      RECONNECTING: 5,
    });
  });
});
