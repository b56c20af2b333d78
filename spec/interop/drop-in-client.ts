/** A client as node-ipc's documentation has it, on the package that the first argument names. */
const { default: ipc } = await import(process.argv[2] ?? '');

ipc.config.id = 'hello';
ipc.config.retry = 50;
ipc.config.silent = true;
ipc.config.socketRoot = process.argv[3];

ipc.connectTo('world', () => {
  const { world } = ipc.of;
  console.log('callback', Object.keys(ipc.of), world.id, world.path === `${ipc.config.socketRoot}app.world`);
  world.on('error', () => console.log('error'));
  world.on('disconnect', () => console.log('disconnect'));
  world.on('connect', () => {
    console.log('connect', world.explicitlyDisconnected);
    world.emit('message', 'hello');
  });
  world.once?.('message', () => console.log('once'));
  world.on('message', (data: string) => {
    console.log('message', data);
    world.emit('numbers', { id: ipc.config.id, list: [1, 2, 3] });
  });
  world.on('numbers', (data: number[]) => {
    console.log('numbers', data);
    ipc.disconnect('world');
    console.log('left', Object.keys(ipc.of));
  });
});
