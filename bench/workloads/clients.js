import { workload as echo, client as echoClient, IN_FLIGHT } from './echo.js';

export { server } from './echo.js';

export const workload = {
  ...echo,
  title: `Clients in other languages: echo, ${IN_FLIGHT} in flight, omni-ipc's server`,
  references: ['omni-ipc'],
  cases: [{ name: 'unix', transport: 'unix', subjects: ['omni-ipc', 'omni-ipc-c-client'] }],
  targets: [],
};

/** A client in another language is a separate program. */
export function client(adapter, place, settings) {
  if (adapter.play === undefined) return echoClient(adapter, place, settings);
  return adapter.play(place, { ...settings, inFlight: IN_FLIGHT });
}
