import { IPCError } from '../../entities/errors.js';

/** How many bytes distinguish the protocols below from everything else. */
const ENOUGH = 24;

/** The starts of protocols whose clients may connect by mistake, or because a malicious web page makes a browser do it. */
const HTTP_REQUEST = /^[A-Z]{3,20} [/*h]/;
const HTTP_RESPONSE = /^HTTP\//;
const TLS_HELLO = '\x16\x03';
/** Incomplete input that could still become one of those. */
const HTTP_SO_FAR = /^[A-Z]{1,20} ?$/;

const BYTE_ORDER_MARK = '\xef\xbb\xbf';

/**
 * Checks the first bytes of a text stream. A web page can make a browser send an HTTP request to any port, with frames in
 * its body or path. So a stream that starts like HTTP is refused, whatever follows.
 * @returns how many bytes to skip (a byte order mark); -1 if there are too few to decide
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
