/** Marks a promise as one that may go without listeners: its error is reported elsewhere too. */
export function quiet<Value>(promise: Promise<Value>): Promise<Value> {
  promise.catch(() => {});
  return promise;
}
