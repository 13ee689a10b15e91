/** The rules that span sessions or are about a capture. */
import type { AnyCrossRule } from '../rule.ts';
import { drops } from './drops.ts';
import { fileCutShort } from './file-cut-short.ts';
import { linkedFailures } from './linked-failures.ts';
import { retrySeries } from './retry-series.ts';

export const CROSS_RULES: readonly AnyCrossRule[] = [linkedFailures, retrySeries, drops, fileCutShort];
