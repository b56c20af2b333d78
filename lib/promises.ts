/** Does something at once, and promises that it is done. */
export function promised(act: () => void): Promise<void> {
  return quiet(
    new Promise((resolve) => {
      act();
      resolve();
    }),
  );
}

/** Marks a promise as one that may go without listeners: its error is reported elsewhere too. */
export function quiet<Value>(promise: Promise<Value>): Promise<Value> {
  promise.catch(() => {});
  return promise;
}
