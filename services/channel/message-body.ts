import { IPCError, messageOf } from '../../entities/errors.js';
import type { Packet } from '../../entities/packet.js';
import { parseJSON } from '../../lib/codecs/json.js';
import { lookAtFirst } from '../../lib/codecs/lost-values.js';
import { DEEPEST, hasManyBrackets, nestsTooDeep } from '../../lib/codecs/nesting.js';

/** The body of an empty message. */
export const BLANK_BODY = '{}';

/**
 * The body of a message to a member.
 * @param longest how many characters it may have
 * @throws IPCError ERR_IPC_ENCODE, ERR_IPC_TOO_DEEP, ERR_IPC_TOO_LARGE
 */
export function encodeBody(packet: Packet, longest: number): string {
  lookAtFirst(packet.type, packet.data, false);
  let body: string;
  try {
    body = JSON.stringify(packet);
  } catch (cause) {
    const message = `The message ${packet.type} is not JSON: ${messageOf(cause).replace(/\s*\n\s*/g, ' ')}; send data that JSON can express.`;
    throw new IPCError('ERR_IPC_ENCODE', message, { cause });
  }
  // Checks the JSON and not the data, since a toJSON method decides what is sent.
  if (body.length >= DEEPEST && hasManyBrackets(body) && nestsTooDeep(JSON.parse(body), body)) {
    const message = `The message ${packet.type} nests arrays and objects more than ${DEEPEST} levels deep, which receivers refuse; flatten it.`;
    throw new IPCError('ERR_IPC_TOO_DEEP', message);
  }
  if (body.length <= longest) return body;
  const message =
    `The message ${packet.type} has ${body.length} characters as JSON; at most ${longest} are allowed. ` +
    'Send less, or raise maxMessageSize of every member.';
  throw new IPCError('ERR_IPC_TOO_LARGE', message);
}

/**
 * The packet in the body of a message from a member.
 * @throws IPCError ERR_IPC_DECODE
 */
export function decodeBody(body: string, sender: number): Packet {
  const packet = parsed(body);
  if (packet !== undefined) return packet;
  const message = `Member ${sender} sent an invalid message of ${body.length} characters; run the same version in all members.`;
  throw new IPCError('ERR_IPC_DECODE', message);
}

function parsed(body: string): Packet | undefined {
  try {
    const packet = parseJSON(body) as Packet | null;
    return typeof packet?.type === 'string' ? packet : undefined;
  } catch {
    return undefined;
  }
}
