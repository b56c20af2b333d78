/**
 * A packet from the decoder of an undecided dialect to its connection, which never travels: `data` is the dialect that
 * the peer speaks.
 */
export const DIALECT = 'ipc:dialect';
/**
 * A packet from the decoder of a dialect that greets to its connection, which never travels: the opening is read. On a
 * server `data` holds the bytes to answer it with; on a client the server has agreed, and the hello may be sent.
 */
export const UPGRADE = 'ipc:upgrade';
//# sourceMappingURL=dialect.js.map