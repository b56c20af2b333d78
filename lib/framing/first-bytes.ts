import { IPCError } from '../../entities/errors.js';

/** So many bytes tell the protocols below from everything else. */
const ENOUGH = 24;

/** The beginnings of protocols whose clients end up here by mistake, or by a web page's malice. */
const HTTP_REQUEST = /^[A-Z]{3,20} [/*h]/;
const HTTP_RESPONSE = /^HTTP\//;
const TLS_HELLO = '\x16\x03';
/** What could still become one of those. */
const HTTP_SO_FAR = /^[A-Z]{1,20} ?$/;

const BYTE_ORDER_MARK = '\xef\xbb\xbf';

/**
 * Looks at the first bytes of a stream of text. A web page can have a browser send an HTTP request to any port, with frames
 * in its body or its path, so a stream that begins as one is refused whatever else it holds.
 * @returns how many bytes to skip, which are a byte order mark; -1 where too few have come to tell
 * @throws IPCError ERR_IPC_PROTOCOL for HTTP and TLS
 */
export function checkFirstBytes(bytes: Buffer): number {
  const head = bytes.toString('latin1', 0, ENOUGH);
  if (HTTP_REQUEST.test(head)) throw refused('sent an HTTP request, which could come from any web page');
  if (HTTP_RESPONSE.test(head)) throw refused('is an HTTP server');
  if (head.startsWith(TLS_HELLO))
    throw refused('speaks TLS, and this side does not; set config.tls on both or neither');
  if (head.startsWith(BYTE_ORDER_MARK)) return BYTE_ORDER_MARK.length;
  const undecided = HTTP_SO_FAR.test(head) || TLS_HELLO.startsWith(head) || BYTE_ORDER_MARK.startsWith(head);
  return undecided ? -1 : 0;
}

function refused(what: string): IPCError {
  return new IPCError(
    'ERR_IPC_PROTOCOL',
    `The other side ${what}. The connection is closed; nothing was read.`,
  );
}
