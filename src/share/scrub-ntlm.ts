/**
 * An NTLM message ([MS-NLMP] §2.2.1) with other names and proofs in it. What says where things are stays, and so do the
 * flags and the version; a name keeps its length and its form.
 */

const CHALLENGE = 2;
/** Where the name fields stand (length, allocated, offset), by message type. */
const NAMES: Readonly<Record<number, readonly number[]>> = { 1: [16, 24], 2: [12], 3: [28, 36, 44] };
/** The other fields: the target's list of names, the responses, the session key. */
const OTHERS: Readonly<Record<number, readonly number[]>> = { 2: [40], 3: [12, 20, 52] };
/** Where the flags stand; of message 1 they do not matter, since its names are never in UTF-16. */
const FLAGS: Readonly<Record<number, number>> = { 2: 20, 3: 60 };
const UNICODE = 1;
/** Of the pairs in a target's list: flags and time, which name nobody. */
const NAMELESS: ReadonlySet<number> = new Set([6, 7]);
/** Of the three kinds: without a version, and with all that a third message may have. */
const SHORTEST_HEADER = 32;
const LONGEST_HEADER = 88;

/** `random`: at least as many bytes as the message has. A new buffer. */
export function scrubNtlm(message: Buffer, random: Buffer): Buffer {
  const type = message.length < 12 ? 0 : message.readUInt32LE(8);
  const names = fieldsAt(message, NAMES[type]);
  const others = fieldsAt(message, OTHERS[type]);
  const fields = [...names, ...others];
  const first = fields.length === 0 ? SHORTEST_HEADER : Math.min(LONGEST_HEADER, ...fields.map(({ from }) => from));
  const payload = Math.min(message.length, first);
  const out = Buffer.concat([message.subarray(0, payload), random.subarray(payload, message.length)]);
  const flags = FLAGS[type];
  const isWide = flags !== undefined && flags + 4 <= message.length && (message.readUInt32LE(flags) & UNICODE) !== 0;
  for (const { from, to } of names) scrubName(message, random, out, from, to, isWide);
  const list = type === CHALLENGE ? others[0] : undefined;
  if (list === undefined) return out;
  for (let at = list.from; at + 4 <= list.to; ) {
    const value = at + 4;
    const end = Math.min(list.to, value + message.readUInt16LE(at + 2));
    message.copy(out, at, at, value);
    if (NAMELESS.has(message.readUInt16LE(at))) message.copy(out, value, value, end);
    else scrubName(message, random, out, value, end, true);
    at = end;
  }
  return out;
}

function fieldsAt(message: Buffer, places: readonly number[] = []): { from: number; to: number }[] {
  const fields: { from: number; to: number }[] = [];
  for (const at of places) {
    if (at + 8 > message.length) continue;
    const length = message.readUInt16LE(at);
    const from = message.readUInt32LE(at + 4);
    if (length > 0 && from >= SHORTEST_HEADER && from + length <= message.length)
      fields.push({ from, to: from + length });
  }
  return fields;
}

/** A letter for a letter and a digit for a digit; what parts the words of a name stays. */
function scrubName(message: Buffer, random: Buffer, out: Buffer, from: number, to: number, isWide: boolean): void {
  const step = isWide ? 2 : 1;
  for (let at = from; at < to; at++) out[at] = message[at] as number;
  for (let at = from; at < to; at += step) {
    const octet = message[at] as number;
    const draw = random[at] as number;
    const isForeign = octet > 127 || (isWide && message[at + 1] !== 0);
    if (isForeign || (octet >= 97 && octet <= 122)) out[at] = 97 + (draw % 26);
    else if (octet >= 65 && octet <= 90) out[at] = 65 + (draw % 26);
    else if (octet >= 48 && octet <= 57) out[at] = 48 + (draw % 10);
    if (isWide && at + 1 < to) out[at + 1] = 0;
  }
}
