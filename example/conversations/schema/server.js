import ipc from 'omni-ipc';

// Any Standard Schema does: with zod, z.object({ name: z.string(), age: z.number() }). This one is made by hand.
const person = {
  '~standard': {
    version: 1,
    vendor: 'example',
    validate(value) {
      const issues = [];
      if (typeof value?.name !== 'string') issues.push({ message: 'name must be a string', path: ['name'] });
      if (typeof value?.age !== 'number') issues.push({ message: 'age must be a number', path: ['age'] });
      return issues.length > 0 ? { issues } : { value };
    },
  },
};

ipc.config.id = 'world';
ipc.config.silent = true;

const server = ipc.serve();
server.on('start', () => console.log('world listens on', server.path));

server.handle('greet', { input: person }, ({ name, age }) => {
  console.log('greets', name);
  return `hello ${name}, you are ${age}`;
});

server.on('socket.disconnected', () => server.stop());
server.start();
