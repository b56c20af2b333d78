import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { afterwards } from './afterwards.js';

/** Subscribes to a diagnostics channel for the rest of the spec; returns its messages, to which later ones are added. */
export function published(name: string): Record<string, unknown>[] {
  const messages: Record<string, unknown>[] = [];
  const listener = (message: unknown) => messages.push(message as Record<string, unknown>);
  subscribe(name, listener);
  afterwards(() => unsubscribe(name, listener));
  return messages;
}
