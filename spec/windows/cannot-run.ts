/** What the specs on Windows need is not to be had on this machine, and why. */
export class CannotRun extends Error {}
