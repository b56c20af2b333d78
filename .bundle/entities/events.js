/** A client's states, with the names and numbers of net-ipc 2. */
export const ClientStatus = {
    IDLE: 0,
    CONNECTING: 1,
    CONNECTED: 2,
    READY: 3,
    DISCONNECTED: 4,
    RECONNECTING: 5,
};
/** The lifecycle names that a packet from outside may not carry (`config.allowReservedEvents`). */
export const CLIENT_RESERVED = ['connect', 'disconnect', 'destroy', 'error'];
export const SERVER_RESERVED = [
    'start',
    'connect',
    'disconnect',
    'socket.disconnected',
    'close',
    'error',
];
//# sourceMappingURL=events.js.map