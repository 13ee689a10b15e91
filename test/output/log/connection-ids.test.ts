import { describe, expect, it } from 'vitest';
import { connectionUid, flowId } from '../../../src/output/log/connection-ids.ts';
import { session } from '../../support/reports.ts';

describe('uid and flow id', () => {
  it('are those of the connection, whatever run sees it', () => {
    expect(connectionUid(session([]))).toBe(
      connectionUid(session([], { id: 77, frames: { first: 1, last: 2, count: 2 } })),
    );
    expect(connectionUid(session([]))).toMatch(/^C[0-9A-Za-z]{17}$/);
    expect(Number.isSafeInteger(flowId(session([])))).toBe(true);
    expect(flowId(session([]))).toBeGreaterThan(0);
  });

  it('are others for another connection between the same ends', () => {
    const later = session([], { start: { us: 1_186_924_643_316_205, nanos: 0 } });
    expect(connectionUid(later)).not.toBe(connectionUid(session([])));
    expect(flowId(later)).not.toBe(flowId(session([])));
  });

  it('are told apart by frames where packets have no time', () => {
    const start = { us: Number.NaN, nanos: 0 };
    const first = session([], { start });
    const second = session([], { start, frames: { first: 9, last: 20, count: 3 } });
    expect(connectionUid(first)).not.toBe(connectionUid(second));
  });
});
