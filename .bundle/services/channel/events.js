import { IPCError } from '../../entities/errors.js';
import { eventName } from '../../entities/packet.js';
const RESERVED = new Set(['connect', 'disconnect', 'error', 'join', 'leave', 'hub', 'undelivered', '*']);
/**
 * Checks the name of an event to send.
 * @throws IPCError ERR_IPC_ARGUMENT
 */
export function messageName(event) {
    if (!RESERVED.has(eventName(event)))
        return event;
    const message = `${JSON.stringify(event)} is an event of the channel itself; send under another name.`;
    throw new IPCError('ERR_IPC_ARGUMENT', message);
}
/** Of what is asked of a channel that was closed. */
export function channelClosed() {
    return new IPCError('ERR_IPC_CLOSED', 'The channel is closed, and stays so; make a new Channel to go on.');
}
//# sourceMappingURL=events.js.map