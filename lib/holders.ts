/** An object that holds packets for later. */
export interface Holder {
  /** The process exits, so there is no later. */
  exiting(): void;
}

const holders = new Set<Holder>();
let exits = false;

/** It holds packets, and must be told when the process exits. */
export function hold(holder: Holder): void {
  holders.add(holder);
  if (exits) holder.exiting();
}

/** It holds no more packets. */
export function holdNothing(holder: Holder): void {
  holders.delete(holder);
}

/** The process exits: has all holders send what they can. */
export function releaseHeld(): void {
  exits = true;
  for (const holder of holders) holder.exiting();
}
