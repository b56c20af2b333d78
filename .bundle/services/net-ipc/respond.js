import { tell } from '../face/tell.js';
/** Tells the listeners of a request; where there are none it is answered with nothing. As net-ipc. */
export function tellRequest(emitter, data, answer, ...more) {
    if (emitter.listenerCount('request') > 0)
        tell(emitter, 'request', data, once(answer), ...more);
    else
        answer(undefined).catch(() => { });
}
/** An answer that cannot be sent may be followed by another one. */
function once(answer) {
    let answered;
    return (data) => {
        if (answered !== undefined)
            return answered;
        answered = answer(data);
        answered.catch(() => {
            answered = undefined;
        });
        return answered;
    };
}
//# sourceMappingURL=respond.js.map