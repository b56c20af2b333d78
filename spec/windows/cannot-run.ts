/** The error of a machine that lacks something that the specs on Windows need. Its message is the reason. */
export class CannotRun extends Error {}
