import { createRequire } from 'node:module';
import { IPC as Other } from '../../../services/ipc/index.js';
import { Defaults, IPC } from '../../../services/node-ipc/index.js';

const Original = createRequire(import.meta.url)('node-ipc-9/entities/Defaults') as new () => object;

describe('node-ipc’s files', () => {
  it('contain a config with every setting of the original', () => {
    const ours = new Defaults();
    expect(ours).toBeInstanceOf(Defaults);
    for (const key of Object.keys(new Original()))
      expect(key in ours)
        .withContext(key)
        .toBeTrue();
    expect(ours.IPType).toBe('');
    const interfaces = { localPort: 5 };
    ours.interface = interfaces;
    expect(ours.interfaces).toBe(interfaces);
    expect(new Defaults().interfaces).not.toBe(interfaces);
  });

  it('contain a config that an IPC accepts', () => {
    const ipc = new IPC();
    ipc.config = Object.assign(new Defaults(), { id: 'world', silent: true });
    expect(ipc.config.id).toBe('world');
    expect(() => ipc.connectTo('world', '/nowhere').destroy()).not.toThrow();
  });

  it('contain the class of this package', () => {
    expect(IPC).toBe(Other);
  });
});
