import { loadFastZlib } from '../codecs/deflate.js';
import { packer } from '../codecs/msgpack.js';
/** Whether the optional packages are there: looked for when a hello first asks. */
let packs;
let deflates;
function works(load) {
    try {
        load();
        return true;
    }
    catch {
        return false;
    }
}
/**
 * What a client's hello offers.
 * @throws IPCError ERR_IPC_MISSING_PACKAGE where the config asks for what is not installed
 */
export function offered(config) {
    const offer = {};
    if (config.codec === 'msgpack') {
        packer(true);
        offer.codecs = ['msgpack'];
    }
    if (config.compress) {
        loadFastZlib();
        offer.compress = true;
    }
    return offer;
}
/** What a server agrees to of an offer: what it has the packages for. */
export function agreed({ codecs, compress }) {
    const asksMsgpack = Array.isArray(codecs) && codecs.includes('msgpack');
    if (asksMsgpack)
        packs ??= works(() => packer(true));
    if (compress === true)
        deflates ??= works(loadFastZlib);
    return {
        codec: asksMsgpack && packs === true ? 'msgpack' : 'json',
        compress: compress === true && deflates === true,
    };
}
//# sourceMappingURL=negotiation.js.map