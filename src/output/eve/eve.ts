/**
 * `eve`: events as Suricata writes them, one JSON object a line. A transaction is an `smtp` event with an `email` object
 * where a message was sent; a session that asked for no mail is one with its hello alone; every finding is an `anomaly`
 * event of the application layer, with the id of its rule as `event`. What Suricata has no field for stands in an object
 * of our own, `smtpscope`, which its schema does not know and its readers pass over.
 */
import type { CrossFinding, Evidence, Finding } from '../../findings/rule.ts';
import { communityId } from '../../report/community-id.ts';
import { rfc3339 } from '../../report/instant.ts';
import type { RecordOptions } from '../../report/record.ts';
import type { SessionReport, SummaryReport } from '../../report/report.ts';
import type { Session } from '../../smtp/session.ts';
import type { Turn } from '../../smtp/turn.ts';
import { jsonText } from '../json-text.ts';
import { flowId } from '../log/connection-ids.ts';
import { type Mail, mailsOf } from '../log/mails.ts';
import type { ReportWriter } from '../writer.ts';

export type EveOptions = Pick<RecordOptions, 'body' | 'captures'>;

const SPOKEN: ReadonlySet<Session['service']> = new Set(['smtp', 'lmtp']);

export function eveWriter(options: EveOptions): ReportWriter {
  return {
    begin: () => '',
    session: (report) => `${[...mailEvents(report, options), ...anomalies(report, options)].map(lineOf).join('')}`,
    end: (summary) => crossAnomalies(summary, options).map(lineOf).join(''),
  };
}

function lineOf(event: object): string {
  return `${jsonText(event)}\n`;
}

function mailEvents({ session }: SessionReport, options: EveOptions): object[] {
  if (!SPOKEN.has(session.service)) return [];
  const mails = mailsOf(session, options.body);
  if (mails.length > 0) return mails.map((mail) => mailEvent(session, mail, options));
  if (session.hello === null) return [];
  const { turn, name } = session.hello;
  return [{ ...head(session, 'smtp', turn, 'client', options), tx_id: 0, smtp: { helo: name } }];
}

function mailEvent(session: Session, mail: Mail, options: EveOptions): object {
  const { from, recipients, mail: command } = mail.transaction;
  return {
    ...head(session, 'smtp', command, 'client', options),
    tx_id: mail.index,
    smtp: {
      ...(session.hello === null ? {} : { helo: session.hello.name }),
      mail_from: `<${from}>`,
      ...(recipients.length === 0 ? {} : { rcpt_to: recipients.map(({ to }) => `<${to}>`) }),
    },
    ...emailOf(mail),
  };
}

/** Present where a message was begun. Values are as they stand in its header, encoded words too. */
function emailOf({ transaction: { message }, headers }: Mail): { email?: object } {
  if (message === null) return {};
  const list = (key: string, values: readonly string[]): object => (values.length === 0 ? {} : { [key]: values });
  const one = (key: string, value: string | null): object => (value === null ? {} : { [key]: value });
  return {
    email: {
      status: message.complete ? 'PARSE_DONE' : 'BODY_STARTED',
      ...one('from', headers.first('from')),
      ...list('to', headers.members('to')),
      ...list('cc', headers.members('cc')),
      ...one('subject', headers.first('subject')),
      ...one('date', headers.first('date')),
      ...one('message_id', headers.first('message-id')),
      ...one('x_mailer', headers.first('x-mailer')),
      ...list('received', headers.all('received')),
    },
  };
}

function anomalies({ session, findings }: SessionReport, options: EveOptions): object[] {
  return findings.map((finding) => {
    const shown = finding.evidence.at(-1);
    const turn = session.turns[shown?.turn ?? -1] ?? null;
    const transaction = turn === null ? -1 : session.transactions.findLastIndex(({ mail }) => mail.index <= turn.index);
    return {
      ...head(session, 'anomaly', turn ?? shown ?? null, shown?.direction ?? 'client', options),
      ...(transaction < 0 ? {} : { tx_id: transaction }),
      anomaly: anomalyOf(finding),
      smtpscope: { session: session.id, ...wordsOf(finding) },
    };
  });
}

/** What no line of the dialogue shows is found in the stream of segments. */
function anomalyOf({ rule, evidence }: Finding): object {
  const isSaid = evidence.some(({ turn }) => turn !== null);
  if (!isSaid) return { type: 'stream', event: rule };
  return { app_proto: 'smtp', type: 'applayer', event: rule, layer: 'proto_parser' };
}

function wordsOf({ severity, confidence, title, message, actor }: Finding): object {
  return { severity, confidence, title, message, ...(actor === null ? {} : { actor }) };
}

/** Findings that span sessions, or are about a capture, belong to no flow. Their time is the capture's last. */
function crossAnomalies({ captures, crossFindings }: SummaryReport, options: EveOptions): object[] {
  const lastUs = captures.at(-1)?.lastUs ?? Number.NaN;
  return crossFindings.map((finding: CrossFinding) => ({
    timestamp: timestamp(lastUs, 0),
    ...(options.captures.length === 0 ? {} : { pcap_filename: options.captures.at(-1) }),
    event_type: 'anomaly',
    anomaly: { app_proto: 'smtp', type: 'applayer', event: finding.rule, layer: 'proto_parser' },
    smtpscope: { sessions: finding.sessions, ...wordsOf(finding) },
  }));
}

type Place = Turn | Evidence;

function head(session: Session, type: string, place: Place | null, from: Evidence['direction'], options: EveOptions) {
  const { client, server, start, frames } = session;
  const [source, destination] = from === 'client' ? [client, server] : [server, client];
  const isTurn = place !== null && 'timeUs' in place;
  const capture = isTurn ? place.capture : session.capture;
  return {
    timestamp: isTurn ? timestamp(place.timeUs, place.timeNanos) : timestamp(start.us, start.nanos),
    flow_id: flowId(session),
    pcap_cnt: place?.frame ?? frames.first,
    pcap_filename: options.captures[capture] ?? '',
    event_type: type,
    src_ip: source.address,
    src_port: source.port,
    dest_ip: destination.address,
    dest_port: destination.port,
    proto: 'TCP',
    community_id: communityId(session),
  };
}

/** `2007-08-12T13:17:23.316204+0000`: Suricata has no other digits, and always a time; one that is unknown is 1970. */
function timestamp(us: number, nanos: number): string {
  return (rfc3339(us, nanos, 6) ?? '1970-01-01T00:00:00.000000Z').replace('Z', '+0000');
}
