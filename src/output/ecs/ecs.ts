/**
 * `ecs`: documents of the Elastic Common Schema, one JSON object a line, ready for `_bulk` or an agent that reads a file.
 * Three kinds, told by `event.dataset`, joined by `network.community_id` and `smtp.session.id`:
 *
 *   smtpscope.session  the connection: who, when, how it ended, its TLS
 *   smtpscope.mail     each transaction: the header as `email.*`, the envelope as `smtp.envelope.*`, the answer
 *   smtpscope.finding  each finding, as an alert
 *
 * ECS has no fields for an envelope; those, and what else is SMTP's own, stand under `smtp`. What is absent is left out,
 * as ECS wants it.
 */
import type { CrossFinding, Finding, Severity } from '../../findings/rule.ts';
import { decodeEncodedWords } from '../../message/encoded-words.ts';
import { communityId } from '../../report/community-id.ts';
import { displayFilter } from '../../report/display-filter.ts';
import { instantText, rfc3339, secondsBetween } from '../../report/instant.ts';
import type { RecordOptions } from '../../report/record.ts';
import type { SessionReport, SummaryReport } from '../../report/report.ts';
import type { Outcome, Session } from '../../smtp/session.ts';
import { jsonText } from '../json-text.ts';
import { connectionUid } from '../log/connection-ids.ts';
import { type Mail, mailsOf, replyText } from '../log/mails.ts';
import type { ReportWriter } from '../writer.ts';
import { tlsFields } from './tls-fields.ts';

export type EcsOptions = Pick<RecordOptions, 'body' | 'captures' | 'reveal'>;

/** Every field that is used here was in this version. */
export const ECS_VERSION = '8.11.0';

/** Undefined members are left out of JSON. */
type Fields = Record<string, unknown>;

export function ecsWriter(options: EcsOptions): ReportWriter {
  return {
    begin: () => '',
    session: (report) =>
      [
        sessionDocument(report, options),
        ...mailsOf(report.session, options.body).map((mail) => mailDocument(report.session, mail, options)),
        ...report.findings.map((finding) => findingDocument(report, finding, options)),
      ]
        .map(lineOf)
        .join(''),
    end: (summary) => summary.crossFindings.map((finding) => lineOf(crossDocument(summary, finding, options))).join(''),
  };
}

function lineOf(document: Fields): string {
  return `${jsonText(document)}\n`;
}

/** Services that are the name of a protocol. */
const PROTOCOLS: ReadonlySet<Session['service']> = new Set([
  'smtp',
  'lmtp',
  'tls',
  'http',
  'imap',
  'pop3',
  'ssh',
  'ftp',
  'nntp',
]);

/** What became of the mail, in the three words of `event.outcome`. */
const OUTCOMES: Readonly<Record<Outcome, 'success' | 'failure' | 'unknown'>> = {
  'not-connected': 'failure',
  'not-smtp': 'failure',
  delivered: 'success',
  'partly-delivered': 'failure',
  encrypted: 'unknown',
  'authentication-failed': 'failure',
  rejected: 'failure',
  deferred: 'failure',
  incomplete: 'unknown',
  'no-greeting': 'failure',
  aborted: 'failure',
  idle: 'success',
};

/** `event.severity` is a number of the source's own; higher is worse. */
const SEVERITY_NUMBERS: Readonly<Record<Severity, number>> = { notice: 1, warning: 2, error: 3, critical: 4 };

function sessionDocument({ session, headline }: SessionReport, options: EcsOptions): Fields {
  const { start, end, transport, timeDigits, outcome, authentication, offers } = session;
  const seconds = secondsBetween(start.us, start.nanos, end.us, end.nanos);
  const users = known(authentication.map(({ identity }) => identity));
  const isRefused = outcome === 'rejected' || outcome === 'authentication-failed' || outcome === 'deferred';
  return {
    '@timestamp': instantText(start, timeDigits) ?? undefined,
    message: headline,
    ...common(session, options, users),
    event: {
      ...eventOf('session', 'event', ['network']),
      type: ['connection', 'protocol', ...(isRefused ? ['denied'] : []), ...(session.ended ? ['end'] : [])],
      action: 'smtp-session',
      outcome: OUTCOMES[outcome],
      reason: headline,
      start: instantText(start, timeDigits) ?? undefined,
      end: instantText(end, timeDigits) ?? undefined,
      duration: seconds === null ? undefined : Math.round(seconds * 1e9),
    },
    ...(users.length === 0 ? {} : { user: { name: users.length === 1 ? users[0] : users } }),
    ...tlsFields(session),
    smtp: {
      session: sessionFields(session),
      service: session.service,
      outcome,
      greeting: session.greeting === null ? undefined : { code: session.greeting.code },
      hello: session.hello === null ? undefined : { verb: session.hello.verb, name: session.hello.name },
      extensions: some([...(offers.at(-1)?.extensions.keys() ?? [])]),
      authentication: some(
        authentication.map(({ mechanism, outcome: result, code, enhancedCode }) => ({
          mechanism,
          outcome: result,
          response: responseOf(code, enhancedCode, null),
        })),
      ),
      transport: {
        opening: transport.opening,
        closing: transport.closing,
        round_trip_us: transport.roundTripSeconds === null ? undefined : Math.round(transport.roundTripSeconds * 1e6),
        client: halfFields(transport.client),
        server: halfFields(transport.server),
      },
    },
  };
}

function mailDocument(session: Session, mail: Mail, options: EcsOptions): Fields {
  const { lastReply } = mail;
  const { mail: command, from, recipients, message } = mail.transaction;
  const isAccepted = message?.code != null && message.code < 300;
  const text = replyText(session, lastReply, options.reveal);
  return {
    '@timestamp': rfc3339(command.timeUs, command.timeNanos, session.timeDigits) ?? undefined,
    message: `${from === '' ? '<>' : from} to ${recipients.length} ${recipients.length === 1 ? 'recipient' : 'recipients'}: ${text ?? 'no reply'}`,
    ...common(session, options, []),
    event: {
      ...eventOf('mail', 'event', ['email', 'network']),
      type: ['info', lastReply === null ? 'protocol' : isAccepted ? 'allowed' : 'denied'],
      action: 'smtp-transaction',
      outcome: lastReply === null ? 'unknown' : isAccepted ? 'success' : 'failure',
      reason: text ?? undefined,
      sequence: mail.index + 1,
    },
    email: emailFields(mail),
    smtp: {
      session: sessionFields(session),
      envelope: {
        from,
        to: some(recipients.map(({ to }) => to)),
        refused: some(recipients.filter(({ code }) => code !== null && code >= 400).map(({ to }) => to)),
      },
      message: message === null ? undefined : { bytes: message.bytes, complete: message.complete },
      response: lastReply === null ? undefined : responseOf(lastReply.code, lastReply.enhancedCode, text),
    },
  };
}

/** Undefined where nothing of a header was seen, or is to be shown. */
function emailFields({ headers }: Mail): Fields | undefined {
  const subject = headers.first('subject');
  const sender = headers.addresses('sender')[0];
  const fields: Fields = {
    from: addressField(headers.addresses('from')),
    sender: sender === undefined ? undefined : { address: sender },
    to: addressField(headers.addresses('to')),
    cc: addressField(headers.addresses('cc')),
    bcc: addressField(headers.addresses('bcc')),
    reply_to: addressField(headers.addresses('reply-to')),
    subject: subject === null ? undefined : decodeEncodedWords(subject),
    message_id: headers.first('message-id')?.replace(/^<|>$/g, ''),
    origination_timestamp: dateOf(headers.first('date')),
    content_type: headers.first('content-type')?.split(';', 1)[0]?.trim().toLowerCase(),
    x_mailer: headers.first('x-mailer') ?? headers.first('user-agent') ?? undefined,
  };
  return Object.values(fields).some((value) => value !== undefined) ? fields : undefined;
}

function findingDocument({ session }: SessionReport, finding: Finding, options: EcsOptions): Fields {
  const shown = finding.evidence.at(-1);
  const turn = session.turns[shown?.turn ?? -1];
  const time =
    turn === undefined
      ? instantText(session.start, session.timeDigits)
      : rfc3339(turn.timeUs, turn.timeNanos, session.timeDigits);
  return {
    '@timestamp': time ?? undefined,
    ...common(session, options, []),
    log: logOf(options.captures[session.capture], finding.severity),
    ...alertFields(finding),
    smtp: {
      session: sessionFields(session),
      finding: {
        ...confidenceOf(finding),
        frames: some([...new Set(finding.evidence.flatMap(({ frame }) => (frame === null ? [] : [frame])))]),
      },
    },
  };
}

function crossDocument({ captures }: SummaryReport, finding: CrossFinding, options: EcsOptions): Fields {
  return {
    '@timestamp': rfc3339(captures.at(-1)?.lastUs ?? Number.NaN, 0, 6) ?? undefined,
    ecs: { version: ECS_VERSION },
    log: logOf(options.captures.at(-1), finding.severity),
    ...alertFields(finding),
    smtp: { session: { id: some(finding.sessions) }, finding: confidenceOf(finding) },
  };
}

function alertFields(finding: Finding): Fields {
  return {
    message: finding.message,
    event: {
      ...eventOf('finding', 'alert', ['network']),
      type: ['info', 'protocol'],
      action: finding.rule,
      severity: SEVERITY_NUMBERS[finding.severity],
      reason: finding.message,
    },
    rule: {
      id: finding.rule,
      name: finding.title,
      category: 'smtp',
      ...(finding.references[0] === undefined ? {} : { reference: finding.references[0].url }),
    },
  };
}

function confidenceOf({ severity, confidence, actor, causes }: Finding): Fields {
  return { severity, confidence, actor: actor ?? undefined, cause: causes[0] };
}

function common(session: Session, options: EcsOptions, users: readonly string[]): Fields {
  const { client, server, transport, service } = session;
  const { client: sent, server: answered } = transport;
  return {
    ecs: { version: ECS_VERSION },
    log: logOf(options.captures[session.capture], undefined),
    source: endpoint(client, sent),
    destination: endpoint(server, answered),
    network: {
      transport: 'tcp',
      type: client.address.includes(':') ? 'ipv6' : 'ipv4',
      protocol: PROTOCOLS.has(service) ? service : undefined,
      community_id: communityId(session),
      bytes: sent.bytes + answered.bytes,
      packets: sent.packets + answered.packets,
    },
    related: { ip: [...new Set([client.address, server.address])], user: some(users) },
  };
}

function endpoint(
  { address, port }: Session['client'],
  { bytes, packets }: { bytes: number; packets: number },
): Fields {
  return { address, ip: address, port, bytes, packets };
}

function logOf(path: string | undefined, level: Severity | undefined): Fields {
  return { level, file: path === undefined ? undefined : { path } };
}

function eventOf(dataset: string, kind: 'event' | 'alert', category: readonly string[]): Fields {
  return { kind, category, module: 'smtpscope', provider: 'smtpscope', dataset: `smtpscope.${dataset}` };
}

/** Of a session whatever finds it again: in the text, in the records, in Wireshark. */
function sessionFields(session: Session): Fields {
  const { id, frames } = session;
  return {
    id,
    uid: connectionUid(session),
    display_filter: displayFilter(session),
    frames: { first: frames.first, last: frames.last, count: frames.count },
  };
}

function halfFields({ retransmissions, missingBytes }: Session['transport']['client']): Fields {
  return { retransmissions, missing_bytes: missingBytes };
}

function responseOf(code: number | null, enhancedCode: string | null, text: string | null): Fields | undefined {
  if (code === null) return undefined;
  return { code, enhanced_code: enhancedCode ?? undefined, text: text ?? undefined };
}

function addressField(addresses: readonly string[]): Fields | undefined {
  return addresses.length === 0 ? undefined : { address: addresses };
}

function some<T>(values: readonly T[]): readonly T[] | undefined {
  return values.length === 0 ? undefined : values;
}

function known(values: readonly (string | null)[]): string[] {
  return [...new Set(values.filter((value) => value !== null && value !== ''))] as string[];
}

/** The Date field (RFC 5322 §3.3) as ECS has dates; undefined where it is not one. */
function dateOf(value: string | null): string | undefined {
  // Comments in brackets name the time zone once more.
  const ms = value === null || value.length > 100 ? Number.NaN : Date.parse(value.replace(/\([^()]*\)/g, ' ').trim());
  return Number.isNaN(ms) ? undefined : new Date(ms).toISOString();
}
