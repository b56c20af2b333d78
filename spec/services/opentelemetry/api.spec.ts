import * as api from '@opentelemetry/api';
import { openTelemetry } from '../../../services/opentelemetry/api.js';

describe('The OpenTelemetry API', () => {
  it('is the one that the program has installed', () => {
    expect(openTelemetry().trace).toBe(api.trace);
  });
});
