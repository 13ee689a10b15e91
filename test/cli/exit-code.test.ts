import { describe, expect, it } from 'vitest';
import { exitCode, worse } from '../../src/cli/exit-code.ts';

describe('the exit status', () => {
  it.each([
    [{ failed: false, worst: null }, null, 0],
    [{ failed: false, worst: 'critical' }, null, 0],
    [{ failed: false, worst: 'error' }, 'error', 1],
    [{ failed: false, worst: 'critical' }, 'error', 1],
    [{ failed: false, worst: 'warning' }, 'error', 0],
    [{ failed: false, worst: null }, 'notice', 0],
    [{ failed: true, worst: 'critical' }, 'notice', 2],
    [{ failed: true, worst: null }, null, 2],
  ] as const)('%o with --fail-on %s is %i', (result, failOn, status) => {
    expect(exitCode(result, failOn)).toBe(status);
  });

  it('knows the worse of two', () => {
    expect(worse(null, 'notice')).toBe('notice');
    expect(worse('error', null)).toBe('error');
    expect(worse('warning', 'critical')).toBe('critical');
    expect(worse('error', 'notice')).toBe('error');
  });
});
