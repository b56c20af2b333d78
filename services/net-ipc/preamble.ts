import { IPCError } from '../../entities/errors.js';
import { escapeText } from '../../entities/text.js';

/** The first bytes of a net-ipc client that does not request an upgrade. */
export const PLAIN_OPENING = Buffer.from('IPC');

const HEADERS_END = '\r\n\r\n';
/** The maximum size of HTTP headers, in bytes. */
const LONGEST_HEADERS = 8192;
/** This many bytes contain a complete opening, or show that it is invalid. */
export const LONGEST_OPENING = LONGEST_HEADERS + HEADERS_END.length + 1;
const UPGRADE_HEADER = /^upgrade:[ \t]*((?:net|isdk)-ipc)[ \t]*$/im;
const CONNECTION_HEADER = /^connection:.*\bupgrade\b/im;
const SWITCHED = /^HTTP\/1\.[01] 101\b/;

/** The protocols that an HTTP upgrade can request. */
export type Protocol = 'net-ipc' | 'isdk-ipc';

/** The request for an upgrade. */
export function upgradeRequest(protocol: Protocol, host: string): Buffer {
  return Buffer.from(
    `GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: ${protocol}\r\n\r\n`,
  );
}

/**
 * Where a client's opening ends; 0 if it is incomplete.
 * @throws IPCError ERR_IPC_PROTOCOL if it is invalid
 */
export function openingEnd(bytes: Buffer): number {
  const begins = bytes.toString('latin1', 0, PLAIN_OPENING.length);
  if (begins === 'IPC') return PLAIN_OPENING.length;
  if (begins === 'GET') return headersEnd(bytes);
  if ('IPC'.startsWith(begins) || 'GET'.startsWith(begins)) return 0;
  throw new IPCError(
    'ERR_IPC_PROTOCOL',
    'A client opened with neither IPC nor GET: it does not speak net-ipc.',
  );
}

/**
 * The server's answer to an opening; undefined if none is needed.
 * @throws IPCError ERR_IPC_PROTOCOL if it is an HTTP request for anything else
 */
export function openingAnswer(opening: Buffer): Buffer | undefined {
  if (opening.equals(PLAIN_OPENING)) return undefined;
  const headers = opening.toString('latin1');
  const protocol = UPGRADE_HEADER.exec(headers)?.[1];
  if (protocol === undefined || !CONNECTION_HEADER.test(headers)) {
    throw new IPCError('ERR_IPC_PROTOCOL', 'An HTTP request did not ask for an upgrade to net-ipc.');
  }
  return Buffer.from(
    `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${protocol}\r\n\r\n`,
  );
}

/**
 * Where a server's answer ends; 0 if it is incomplete.
 * @throws IPCError ERR_IPC_HANDSHAKE if it is not an upgrade, ERR_IPC_PROTOCOL if it is too long
 */
export function answerEnd(bytes: Buffer): number {
  const end = headersEnd(bytes);
  const headers = bytes.toString('latin1', 0, end);
  if (end === 0 || SWITCHED.test(headers)) return end;
  const status = escapeText(headers.slice(0, headers.indexOf('\r\n')));
  throw new IPCError('ERR_IPC_HANDSHAKE', `The server answered the upgrade with "${status}".`);
}

function headersEnd(bytes: Buffer): number {
  const end = bytes.indexOf(HEADERS_END);
  if (end > LONGEST_HEADERS || (end === -1 && bytes.length > LONGEST_HEADERS)) {
    const message = `The headers of an upgrade are longer than ${LONGEST_HEADERS} bytes.`;
    throw new IPCError('ERR_IPC_PROTOCOL', message);
  }
  return end === -1 ? 0 : end + HEADERS_END.length;
}
