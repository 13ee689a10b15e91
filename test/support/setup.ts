/**
 * Properties run from a fixed seed, so that a run says the same twice. To look for failures in other places:
 * `SMTPSCOPE_SEED=$RANDOM npx vitest run`.
 */
import fc from 'fast-check';

fc.configureGlobal({ seed: Number(process.env.SMTPSCOPE_SEED ?? 20_070_812) });
