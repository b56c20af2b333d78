import ipc from 'omni-ipc';
import 'omni-ipc/styles';

ipc.config.id = 'hello';
ipc.config.retry = 1500;

ipc.connectTo('world', () => {
  ipc.of.world.on('connect', () => {
    ipc.log('## connected to world ##'.rainbow);
    ipc.of.world.emit('message', 'hello');
  });
  ipc.of.world.on('message', (data) => {
    ipc.log('got a message from world :'.debug, data);
    ipc.disconnect('world');
  });
});
