/**
 * `zeek` and `zeek-json`: smtp.log as Zeek writes it, tab-separated or (`LogAscii::use_json`) an object a line, with its
 * columns in their order and the Community ID behind them, where Zeek puts what a script adds. One line a transaction, written as its session ends. A session that asked for no
 * mail has one line without envelope: Zeek has that only where TLS began, and the sessions in which a client gave up are
 * those that are looked for here.
 */
import { communityId } from '../../report/community-id.ts';
import { dateOf, isExact } from '../../report/instant.ts';
import type { RecordOptions } from '../../report/record.ts';
import type { SummaryReport } from '../../report/report.ts';
import type { Session } from '../../smtp/session.ts';
import { jsonText } from '../json-text.ts';
import { connectionUid } from '../log/connection-ids.ts';
import { addressesIn, Headers, lastReply, type Mail, mailsOf, replyText } from '../log/mails.ts';
import type { ReportWriter } from '../writer.ts';
import { boolValue, listValue, stringValue, timeValue } from './tsv.ts';

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
    session: ({ session }) =>
      opened(session.start.us) +
      rows(session, options)
        .map((row) => `${row.map(tsvField).join('\t')}\n`)
        .join(''),
    end: (summary) => `${opened(endOf(summary))}#close\t${moment(endOf(summary))}\n`,
  };
}

/** Without head and end: a column that is unset is left out of its line. */
export function zeekJsonWriter(options: ZeekOptions): ReportWriter {
  return {
    begin: () => '',
    session: ({ session }) =>
      rows(session, options)
        .map((row) => `${jsonText(Object.fromEntries(row.map(jsonField).filter(([, value]) => value !== null)))}\n`)
        .join(''),
    end: () => '',
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

/** What a column holds: text, a time in microseconds or a number, a set or vector; null where it is unset. */
type Value = string | number | boolean | readonly string[] | null;

function tsvField(value: Value, index: number): string {
  if (typeof value === 'boolean') return boolValue(value);
  if (typeof value === 'number') return COLUMNS[index]?.[1] === 'time' ? timeValue(value) : String(value);
  return value === null || typeof value === 'string' ? stringValue(value) : listValue(value);
}

function jsonField(value: Value, index: number): readonly [string, Value] {
  const [name = '', type] = COLUMNS[index] ?? [];
  if (type !== 'time') return [name, value];
  return [name, Number.isFinite(value) ? (value as number) / 1e6 : null];
}

/** The lines of a session. */
function rows(session: Session, { body, reveal }: ZeekOptions): (readonly Value[])[] {
  if (!SPOKEN.has(session.service)) return [];
  const mails = mailsOf(session, body);
  if (mails.length > 0) return mails.map((mail) => row(session, mail, reveal));
  if (session.hello === null && session.encryption === null) return [];
  return [row(session, null, reveal)];
}

function row(session: Session, mail: Mail | null, reveal: boolean): readonly Value[] {
  const { client, server, hello, encryption, transactions } = session;
  const headers = mail?.headers ?? new Headers(null);
  const received = headers.all('received');
  const agents = ['x-mailer', 'user-agent', 'x-user-agent'].flatMap((name) => headers.all(name));
  const before = transactions.slice(0, mail?.index ?? 0).filter((transaction) => transaction.message !== null);
  return [
    mail?.transaction.mail.timeUs ?? session.turns[0]?.timeUs ?? session.start.us,
    connectionUid(session),
    client.address,
    client.port,
    server.address,
    server.port,
    before.length + 1,
    hello?.name ?? null,
    mail?.transaction.from || null,
    recipientsOf(mail),
    headers.first('date'),
    headers.first('from'),
    some(headers.members('to')),
    some(headers.members('cc')),
    headers.first('reply-to'),
    headers.first('message-id'),
    headers.first('in-reply-to'),
    headers.first('subject'),
    addressesIn(headers.first('x-originating-ip') ?? '')[0] ?? null,
    // Zeek's first is the earliest hop: each further field of a message pushes the one before it back.
    received.at(-1) ?? null,
    received.at(-2) ?? null,
    replyText(session, mail === null ? lastReply(session) : mail.lastReply, reveal),
    pathOf(session, received),
    agents.at(-1) ?? null,
    encryption?.outcome === 'established',
    // Zeek names the files that it took out of the message; none are taken out here.
    [],
    communityId(session),
  ];
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
