/** A session from the text of its dialogue, through the whole pipeline, kept beyond the moment in which it is lent. */
import { newPacketMeta } from '../../../src/capture/packet-sink.ts';
import { createAnalysis, DEFAULT_PORTS } from '../../../src/inspect.ts';
import type { Session } from '../../../src/smtp/session.ts';
import { type DialogueOptions, segmentsOf } from '../../support/dialogue.ts';
import { packetOf } from '../../support/segments.ts';

const START_US = 1_700_000_000_000_000;
const RAW_IP = 101;

/** See test/support/dialogue.ts for the text. */
export function spoken(text: string, options: DialogueOptions = {}): Session {
  const sessions: Session[] = [];
  const analysis = createAnalysis({ ports: options.ports ?? DEFAULT_PORTS, keepBodies: false }, (r) =>
    sessions.push(keep(r.session)),
  );
  const meta = newPacketMeta();
  meta.linkType = RAW_IP;
  analysis.beginCapture('dialogue.pcap');
  const segments = segmentsOf(text, options);
  for (const segment of options.onTheWay?.(segments) ?? segments) {
    const packet = packetOf(segment, options);
    meta.timeUs = START_US + meta.frame * 1_000;
    meta.frame++;
    meta.originalLength = packet.length;
    analysis.packet(packet, 0, packet.length, meta);
  }
  analysis.finish();
  const [session] = sessions;
  if (session === undefined || sessions.length !== 1) throw new Error(`${sessions.length} sessions, not one`);
  return session;
}

/** Everything made now that is otherwise made when it is asked for, with bytes of its own. */
function keep(session: Session): Session {
  for (const turn of session.turns) turn.raw = Buffer.from(turn.raw);
  const { id, capture, client, server, start, end, timeDigits, frames, transport, service, facts, signs, turns } =
    session;
  const { greeting, hello, exchanges, offers, authentication, encryption, transactions, anomalies } = session;
  const { outcome, ended, startCaptured, endCaptured, quietSeconds, portsReused, turnedAt } = session;
  return {
    ...{ id, capture, client, server, start, end, timeDigits, frames, transport, service, facts, signs, turns },
    ...{ greeting, hello, exchanges, offers, authentication, encryption, transactions, anomalies },
    ...{ outcome, ended, startCaptured, endCaptured, quietSeconds, portsReused, turnedAt },
  };
}

/** Base64 of text, in which `\0` and `^A` may stand for the octets 0 and 1. */
export function b64(text: string): string {
  return Buffer.from(text.replaceAll('^A', '\u0001')).toString('base64');
}
