import { mayBeMalicious } from '../../../cli/doctor/known.js';

describe('A range of versions of node-ipc', () => {
  for (const range of ['~9.1', '9', '9.x', '^v9.1.0', '^12.0.0', '~10.1.0', '9.2']) {
    it(`may select a malicious release: ${range}`, () =>
      expect(mayBeMalicious('node-ipc', range)).toBeTrue());
  }

  for (const range of ['*', '>=9 <13', '9.0.0 || 9.1.0', 'latest', 'github:someone/node-ipc']) {
    it(`may select a malicious release if doctor does not interpret it: ${range}`, () =>
      expect(mayBeMalicious('node-ipc', range)).toBeTrue());
  }

  for (const range of ['9.2.1', '9.1.5', '^9.2.4', '^14.0.0', '14', '14.x', '~9.0.3', '~10.0', '8.x.x']) {
    it(`cannot select a malicious release: ${range}`, () =>
      expect(mayBeMalicious('node-ipc', range)).toBeFalse());
  }

  it('does not matter for a package without malicious releases', () => {
    expect(mayBeMalicious('net-ipc', '*')).toBeFalse();
  });
});
