/** Who sends next: the interleaving of flows on the wire, and the clock of the capture. */

/** @typedef {import('./tcp-flow.js').TcpFlow} TcpFlow */

/**
 * A handful of flows at once, each sending a few packets in a row; new ones begin as others end, until `target` bytes
 * are planned. Flows that wait for seconds sleep beside.
 * @param {import('./pcap-writer.js').PcapWriter} writer
 * @param {import('./random.js').Random} random
 * @param {{ target: number, atOnce: number, meanGapUs: number, next: () => { flow: TcpFlow | null, bytes: number }, beforePacket?: () => void }} plan
 *   `next` makes a flow and tells its size on the wire; it may have written packets of its own instead (null)
 */
export function runInterleaved(writer, random, plan) {
  /** @type {TcpFlow[]} */
  const active = [];
  /** Sorted, the next to wake last. @type {{ flow: TcpFlow, wakeUs: number }[]} */
  const sleeping = [];
  let planned = 0;
  for (;;) {
    while (active.length < plan.atOnce && planned < plan.target) {
      const made = plan.next();
      planned += made.bytes;
      if (made.flow) active.push(made.flow);
    }
    const nextToWake = sleeping.at(-1);
    if (nextToWake && (nextToWake.wakeUs <= writer.clockUs || active.length === 0)) {
      writer.clockUs = Math.max(writer.clockUs, nextToWake.wakeUs);
      active.push(nextToWake.flow);
      sleeping.pop();
      continue;
    }
    if (active.length === 0) return;
    const index = random.below(active.length);
    const flow = /** @type {TcpFlow} */ (active[index]);
    writer.clockUs += random.below(2 * plan.meanGapUs * 2);
    for (let burst = random.between(1, 3); burst > 0 && !flow.done && flow.waitUs === 0; burst--) {
      writer.clockUs += random.between(5, 60);
      plan.beforePacket?.();
      flow.step(writer);
    }
    if (!flow.done && flow.waitUs === 0) continue;
    active[index] = /** @type {TcpFlow} */ (active.at(-1));
    active.pop();
    if (flow.done) continue;
    const wakeUs = writer.clockUs + flow.waitUs;
    flow.waitUs = 0;
    let at = sleeping.length;
    while (at > 0 && /** @type {{ wakeUs: number }} */ (sleeping[at - 1]).wakeUs < wakeUs) at -= 1;
    sleeping.splice(at, 0, { flow, wakeUs });
  }
}

/** A step through all flows that visits each once and never two neighbours in a row. @param {number} flows */
function strideFor(flows) {
  for (const stride of [7919, 7907, 7901]) if (flows % stride !== 0) return stride;
  return 1;
}

/**
 * All flows begin before any ends, and every packet belongs to another flow than the one before: rounds of one packet
 * a flow until each stands at its hold, then rounds in which those that can go on end.
 * @param {import('./pcap-writer.js').PcapWriter} writer
 * @param {TcpFlow[]} flows
 */
export function runOpenAtOnce(writer, flows) {
  const stride = strideFor(flows.length);
  const rounds = () => {
    for (let moved = true; moved; ) {
      moved = false;
      for (let i = 0, index = 0; i < flows.length; i++, index = (index + stride) % flows.length) {
        const flow = /** @type {TcpFlow} */ (flows[index]);
        if (flow.done || flow.atHold) continue;
        writer.clockUs += 20;
        flow.step(writer);
        moved = true;
      }
      // A round takes no less than a round trip, however few flows are left.
      writer.clockUs += 500;
    }
  };
  rounds();
  for (const flow of flows) if (flow.holdBefore < flow.flights.length) flow.holdBefore = Number.POSITIVE_INFINITY;
  rounds();
}
