/** Does something at once, and promises that it is done. */
export function promised(act) {
    return quiet(new Promise((resolve) => {
        act();
        resolve();
    }));
}
/** Marks a promise as one that may go without listeners: its error is reported elsewhere too. */
export function quiet(promise) {
    promise.catch(() => { });
    return promise;
}
//# sourceMappingURL=promises.js.map