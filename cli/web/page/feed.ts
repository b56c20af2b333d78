import type { Outcome, Sending, Told } from '../wire.js';

const KEY = 'omni-ipc.token';
const RETRY_MS = 1000;

/** Takes the token from the link and removes it from the address bar. A reload keeps the token; other tabs do not get it. */
export function takeToken(): string {
  const token = location.hash.slice(1) || (sessionStorage.getItem(KEY) ?? '');
  sessionStorage.setItem(KEY, token);
  if (location.hash !== '') history.replaceState(null, '', location.pathname);
  return token;
}

/** Receives the server's updates, and reconnects if the server is gone. */
export async function follow(
  token: string,
  told: (told: Told) => void,
  status: (text: string, fine: boolean) => void,
): Promise<never> {
  for (;;) {
    try {
      const response = await fetch('/api/events', { headers: { Authorization: `Bearer ${token}` } });
      if (response.status === 401)
        status('The token is missing or wrong: open the link that omni-ipc web has printed.', false);
      else if (!response.ok || response.body === null)
        status(`The server answered ${response.status}.`, false);
      else {
        status('Connected', true);
        await lines(response.body, (line) => told(JSON.parse(line) as Told));
        status('The server has ended the connection; trying again…', false);
      }
    } catch {
      status('The server is gone: is omni-ipc web still running? Trying again…', false);
    }
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}

async function lines(body: ReadableStream<Uint8Array>, line: (text: string) => void): Promise<void> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let begun = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const parts = (begun + decoder.decode(value, { stream: true })).split('\n');
    begun = parts.pop() ?? '';
    for (const part of parts) line(part);
  }
}

/** Asks the server to emit an event or send a request. */
export async function send(token: string, how: 'emit' | 'request', sending: Sending): Promise<Outcome> {
  const response = await fetch(`/api/${how}`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
    body: JSON.stringify(sending),
  });
  if (response.ok) return (await response.json()) as Outcome;
  return { ok: false, code: String(response.status), message: await response.text() };
}
