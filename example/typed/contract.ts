/** What is said between world and its clients: the one thing that both programs import. */
export interface World {
  /** Events, by name: what travels with them. */
  message: string;
  moved: { x: number; y: number };
  /** Requests, by name: what is asked and what is answered. */
  add: { request: [a: number, b: number]; response: number };
}
