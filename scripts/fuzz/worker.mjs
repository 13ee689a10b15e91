// Goes through inputs until it is told to stop; says which one it is at, so that one that hangs can be named.
import { parentPort, workerData } from 'node:worker_threads';
import { faultOf } from './examine.mjs';
import { inputOf, limitsOf } from './inputs.mjs';

const { seed, from, until, only, deadline, shared } = workerData;
const state = new Float64Array(shared);

for (let number = from; number < until && Date.now() < deadline; number++) {
  state[0] = number;
  state[1] = Date.now();
  const { kind, bytes } = inputOf(seed, number, only);
  const fault = await faultOf(bytes, { ports: number % 4 === 0 ? 'any' : undefined, limits: limitsOf(seed, number) });
  if (fault !== null) parentPort.postMessage({ number, kind, fault });
  state[2]++;
}
state[1] = Number.POSITIVE_INFINITY;
