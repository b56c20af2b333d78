import { IPCError } from '../../entities/errors.js';
import { ReportLimit } from '../../lib/report-limit.js';
import { ipcError } from '../support/errors.js';

describe('The limit of reports', () => {
  it('passes on a hundred errors a minute, then says once that there are more', () => {
    let now = 1000;
    spyOn(performance, 'now').and.callFake(() => now);
    const reported: unknown[] = [];
    const limit = new ReportLimit('UDP');
    const report = () => {
      const error = limit.pass(() => new IPCError('ERR_IPC_DECODE', 'invalid'));
      if (error !== undefined) reported.push(error);
    };
    for (let i = 0; i < 1000; i++) report();
    expect(reported.length).toBe(101);
    expect(reported[99]).toEqual(ipcError('ERR_IPC_DECODE', 'invalid'));
    expect(reported[100]).toEqual(
      ipcError('ERR_IPC_PROTOCOL', 'More than 100 invalid messages came over UDP within 60 s'),
    );
    now += 59_999;
    report();
    expect(reported.length).toBe(101);
    now += 1;
    for (let i = 0; i < 1000; i++) report();
    expect(reported.length).toBe(202);
    expect(reported[101]).toEqual(ipcError('ERR_IPC_DECODE', 'invalid'));
  });
});
