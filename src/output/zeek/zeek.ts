/**
 * `zeek`: smtp.log as Zeek writes it, tab-separated, with its columns in their order and the Community ID behind them,
 * where Zeek puts what a script adds. One line a transaction, written as its session ends. A session that asked for no
 * mail has one line without envelope: Zeek has that only where TLS began, and the sessions in which a client gave up are
 * those that are looked for here.
 */
import { communityId } from '../../report/community-id.ts';
import { dateOf, isExact } from '../../report/instant.ts';
import type { RecordOptions } from '../../report/record.ts';
import type { SessionReport, SummaryReport } from '../../report/report.ts';
import type { Session } from '../../smtp/session.ts';
import { connectionUid } from '../log/connection-ids.ts';
import { addressesIn, Headers, lastReply, type Mail, mailsOf, replyText } from '../log/mails.ts';
import type { ReportWriter } from '../writer.ts';
import { boolValue, EMPTY, listValue, stringValue, timeValue } from './tsv.ts';

/** Columns and types: Zeek's scripts/base/protocols/smtp/main.zeek and files.zeek; then the Community ID. */
export const COLUMNS: readonly (readonly [string, string])[] = [
  ['ts', 'time'],
  ['uid', 'string'],
  ['id.orig_h', 'addr'],
  ['id.orig_p', 'port'],
  ['id.resp_h', 'addr'],
  ['id.resp_p', 'port'],
  ['trans_depth', 'count'],
  ['helo', 'string'],
  ['mailfrom', 'string'],
  ['rcptto', 'set[string]'],
  ['date', 'string'],
  ['from', 'string'],
  ['to', 'set[string]'],
  ['cc', 'set[string]'],
  ['reply_to', 'string'],
  ['msg_id', 'string'],
  ['in_reply_to', 'string'],
  ['subject', 'string'],
  ['x_originating_ip', 'addr'],
  ['first_received', 'string'],
  ['second_received', 'string'],
  ['last_reply', 'string'],
  ['path', 'vector[addr]'],
  ['user_agent', 'string'],
  ['tls', 'bool'],
  ['fuids', 'vector[string]'],
  ['community_id', 'string'],
];

/** What Zeek calls SMTP; a session of another protocol has no line. */
const SPOKEN: ReadonlySet<Session['service']> = new Set(['smtp', 'lmtp']);

export type ZeekOptions = Pick<RecordOptions, 'body' | 'reveal'>;

export function zeekWriter(options: ZeekOptions): ReportWriter {
  let isBegun = false;
  // The log opens with the first session: a capture's time is all the time that there is.
  const opened = (timeUs: number): string => {
    if (isBegun) return '';
    isBegun = true;
    return head(timeUs);
  };
  return {
    begin: () => '',
    session: (report) => opened(report.session.start.us) + lines(report, options),
    end: (summary) => `${opened(endOf(summary))}#close\t${moment(endOf(summary))}\n`,
  };
}

function head(openUs: number): string {
  return [
    '#separator \\x09',
    '#set_separator\t,',
    '#empty_field\t(empty)',
    '#unset_field\t-',
    '#path\tsmtp',
    `#open\t${moment(openUs)}`,
    `#fields\t${COLUMNS.map(([name]) => name).join('\t')}`,
    `#types\t${COLUMNS.map(([, type]) => type).join('\t')}`,
    '',
  ].join('\n');
}

function lines({ session }: SessionReport, { body, reveal }: ZeekOptions): string {
  if (!SPOKEN.has(session.service)) return '';
  const mails = mailsOf(session, body);
  if (mails.length > 0) return mails.map((mail) => line(session, mail, reveal)).join('');
  if (session.hello === null && session.encryption === null) return '';
  return line(session, null, reveal);
}

function line(session: Session, mail: Mail | null, reveal: boolean): string {
  const { client, server, hello, encryption, transactions } = session;
  const headers = mail?.headers ?? new Headers(null);
  const received = headers.all('received');
  const agents = ['x-mailer', 'user-agent', 'x-user-agent'].flatMap((name) => headers.all(name));
  const before = transactions.slice(0, mail?.index ?? 0).filter((transaction) => transaction.message !== null);
  return `${[
    timeValue(mail?.transaction.mail.timeUs ?? session.turns[0]?.timeUs ?? session.start.us),
    connectionUid(session),
    client.address,
    String(client.port),
    server.address,
    String(server.port),
    String(before.length + 1),
    stringValue(hello?.name ?? null),
    stringValue(mail?.transaction.from || null),
    listValue(recipientsOf(mail)),
    stringValue(headers.first('date')),
    stringValue(headers.first('from')),
    listValue(some(headers.members('to'))),
    listValue(some(headers.members('cc'))),
    stringValue(headers.first('reply-to')),
    stringValue(headers.first('message-id')),
    stringValue(headers.first('in-reply-to')),
    stringValue(headers.first('subject')),
    stringValue(addressesIn(headers.first('x-originating-ip') ?? '')[0] ?? null),
    // Zeek's first is the earliest hop: each further field of a message pushes the one before it back.
    stringValue(received.at(-1) ?? null),
    stringValue(received.at(-2) ?? null),
    stringValue(replyText(session, mail === null ? lastReply(session) : mail.lastReply, reveal)),
    listValue(pathOf(session, received)),
    stringValue(agents.at(-1) ?? null),
    boolValue(encryption?.outcome === 'established'),
    // Zeek names the files that it took out of the message; none are taken out here.
    EMPTY,
    communityId(session),
  ].join('\t')}\n`;
}

function recipientsOf(mail: Mail | null): readonly string[] | null {
  return some([...new Set(mail?.transaction.recipients.map(({ to }) => to))]);
}

function some(elements: readonly string[]): readonly string[] | null {
  return elements.length === 0 ? null : elements;
}

/** The hosts that the message came by, this connection first: of each Received field the address of its sender. */
function pathOf({ client, server }: Session, received: readonly string[]): readonly string[] {
  const path = [server.address, client.address];
  for (const value of received) {
    const found = addressesIn(value);
    const address = found[1] ?? found[0];
    if (address !== undefined && address !== path.at(-1)) path.push(address);
  }
  return path;
}

function endOf({ captures }: SummaryReport): number {
  return captures.at(-1)?.lastUs ?? Number.NaN;
}

/** `2007-08-12-13-17-23`, UTC. */
function moment(timeUs: number): string {
  if (!isExact(timeUs)) return '-';
  const second = Math.floor(timeUs / 1e6) % 86_400;
  const clock = [second / 3600, (second / 60) % 60, second % 60].map((part) =>
    String(Math.floor(part)).padStart(2, '0'),
  );
  return [dateOf(timeUs), ...clock].join('-');
}
