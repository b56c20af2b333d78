import ipc from 'omni-ipc';

ipc.config.silent = true;

const world = ipc.connectTo('world');
for (let number = 1; number <= 3; number++) await world.request('add', [number, number]);

// What Prometheus does every few seconds.
const response = await fetch(await world.request('metrics'), { headers: { connection: 'close' } });
const wanted = /^(rpc_server_call_duration\w*_count|omni_ipc_connections)\{/;
for (const line of (await response.text()).split('\n')) if (wanted.test(line)) console.log(line);

ipc.disconnect('world');
