import { IPCError } from '../../entities/errors.js';
import { eventName } from '../../entities/packet.js';
/** Who answers what. */
export class Handlers {
    #entries = new Map();
    /** `(handler)` or `(options, handler)` answers the requests of a type from now on; the last one given counts. */
    add(type, args) {
        const handler = args.at(-1);
        const options = args.length > 1 ? args[0] : {};
        if (typeof handler !== 'function') {
            throw new IPCError('ERR_IPC_ARGUMENT', `handle(${JSON.stringify(type)}, ...) needs a function that answers.`);
        }
        if (options.input !== undefined && typeof options.input?.['~standard']?.validate !== 'function') {
            const message = `handle(${JSON.stringify(type)}, { input }) takes a Standard Schema, as those of zod or valibot are.`;
            throw new IPCError('ERR_IPC_ARGUMENT', message);
        }
        this.#entries.set(eventName(type), { handler: handler, schema: options.input });
    }
    /** Runs the handler of a request and replies exactly once: at once where the handler is synchronous. */
    run(packet, peer, reply) {
        const entry = this.#entries.get(packet.type);
        if (entry === undefined) {
            const message = `Nobody answers the request ${packet.type}; add handle(${JSON.stringify(packet.type)}, ...) there.`;
            reply(undefined, new IPCError('ERR_IPC_NO_HANDLER', message));
            return;
        }
        let answer;
        let promised;
        try {
            answer =
                entry.schema === undefined
                    ? entry.handler(packet.data, peer)
                    : checked(entry.schema, entry.handler, packet, peer);
            promised = isThenable(answer);
        }
        catch (error) {
            reply(undefined, thrown(error));
            return;
        }
        if (promised)
            settled(answer, reply);
        else
            reply(answer);
    }
}
/** Replies once, whatever a thenable of somebody else's making does. */
function settled(answer, reply) {
    Promise.resolve(answer).then((data) => reply(data), (error) => reply(undefined, thrown(error)));
}
function isThenable(value) {
    return typeof value?.then === 'function';
}
/** An answer's error must be something, whatever was thrown. */
function thrown(error) {
    return error ?? new Error(`The handler threw ${error}.`);
}
async function checked(schema, handler, packet, peer) {
    const result = await schema['~standard'].validate(packet.data);
    if (result.issues !== undefined) {
        const first = result.issues[0]?.message ?? 'it does not fit the schema';
        const message = `The request ${packet.type} was refused because of its data: ${first}.`;
        throw new IPCError('ERR_IPC_INVALID_INPUT', message, { issues: result.issues });
    }
    return handler(result.value, peer);
}
//# sourceMappingURL=handlers.js.map