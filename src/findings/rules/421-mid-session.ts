import type { Session } from '../../smtp/session.ts';
import type { Turn } from '../../smtp/turn.ts';
import { endOfRepeatedAuth } from '../auth-refusals.ts';
import { turnShows } from '../evidence.ts';
import { MEND_REPUTATION, REPUTATION_CAUSE, SPEAKS_OF_REPUTATION, TRY_AGAIN } from '../refusal-remedies.ts';
import { refusals } from '../refusals.ts';
import { type Detection, defineRule, NOTHING, postconf, rfc } from '../rule.ts';
import { duration, quote, secondsBetween } from '../words.ts';

type Reason = 'reputation' | 'errors' | 'timeout' | 'load' | 'shutdown' | 'limit' | 'unknown';

interface Data {
  /** What it answers; null when it answers nothing. */
  readonly verb: string | null;
  readonly words: string;
  readonly reason: Reason;
  readonly silentSeconds: number;
  /** Nothing was lost by it: all mail was delivered before. */
  readonly harmless: boolean;
}

/** After so much silence of the client the server is right to end the session (RFC 5321 §4.5.3.2.7). */
const PATIENCE_SECONDS = 300;

/** From so much silence inside a message on it is a stall of the client. */
const STALL_SECONDS = 180;

const CAUSE: Readonly<Record<Exclude<Reason, 'unknown'>, string>> = {
  errors: 'The client made too many errors in this session, unknown recipients for example, and the server had enough.',
  timeout:
    'The client was silent for longer than this server waits, which is less than the five minutes of the standard.',
  limit: 'A limit on connections, messages a connection or time a connection was reached.',
  load: 'The server is short of something (load, memory, processes, a backend) and sheds clients.',
  shutdown: 'The server is being stopped or restarted.',
  reputation: REPUTATION_CAUSE,
};

export default defineRule<Data>({
  id: '421-mid-session',
  title: 'The server ends the session with 421',
  severity: 'warning',
  confidence: 'certain',
  actor: 'server',
  triggers: ['refusal4xx'],
  needs: { client: 'lower', server: 'lower' },
  explains: ['deferred', 'aborted', 'partly-delivered'],
  explainsFrom: 'warning',
  detect(session) {
    for (const reply of session.turns) {
      if (reply.kind !== 'reply' || reply.code !== 421 || reply === session.greeting) continue;
      const request = reply.answers < 0 ? null : (session.turns[reply.answers] ?? null);
      if (!isShutdown(session, request, reply) || reply === endOfRepeatedAuth(session)) continue;
      return detection(session, request, reply);
    }
    return NOTHING;
  },
  message: ({ verb, words, silentSeconds, harmless }) =>
    `The server ends the session with 421${verb === null ? '' : ` in reply to ${verb}`}` +
    `${silentSeconds >= 1 && verb === null ? `, after ${duration(silentSeconds)} of silence` : ''}: ${words}` +
    `${harmless ? '; all mail had been delivered before' : ''}`,
  explanation: `421 means: the service is not available, and the connection will be closed. A server may say it at any time (RFC 5321 §3.8), in reply to a command or without one. The client has to keep the mail and try again later.

That the server ended the session is certain; why, its words say. It is not raised when the client had been silent for five minutes, since then the server is right, nor when the words belong to another finding (a limit on rate, a blocklist). A notice where all mail had been delivered before.`,
  falseAlarms: [
    'A client that keeps its connection for the next mail, and a server that closes it: nothing is lost.',
    'A 421 behind the client’s own close or QUIT is a farewell and is not raised.',
  ],
  causes(data) {
    const all = Object.values(CAUSE);
    if (data === null || data.reason === 'unknown')
      return [CAUSE.load, CAUSE.shutdown, CAUSE.limit, CAUSE.timeout, CAUSE.errors, CAUSE.reputation];
    const first = CAUSE[data.reason];
    return [first, ...all.filter((cause) => cause !== first)];
  },
  remedies: (data) => [
    ...(data?.reason === 'reputation' ? MEND_REPUTATION : []),
    {
      applies: 'Postfix as server',
      text: 'The log of that second says why. Limits on errors and time; under stress Postfix waits 10 s only.',
      commands: [
        'postconf smtpd_timeout smtpd_hard_error_limit smtpd_soft_error_limit smtpd_junk_command_limit default_process_limit',
        'grep -E "too many errors|timeout after|stress" /var/log/mail.log | tail -n 20',
      ],
    },
    {
      applies: 'Exim as server',
      text: 'smtp_receive_timeout, smtp_accept_max_per_connection, smtp_accept_max_nonmail and smtp_max_unknown_commands end sessions.',
      commands: [
        'exim -bP smtp_receive_timeout smtp_accept_max_per_connection smtp_accept_max_nonmail smtp_max_unknown_commands',
      ],
    },
    {
      applies: 'Exchange as server',
      text: 'ConnectionTimeout, ConnectionInactivityTimeout and MaxProtocolErrors of the receive connector; the transport service refuses while it is paused.',
      commands: ['Get-ReceiveConnector | Format-List Name, *Timeout, MaxProtocolErrors'],
    },
    ...TRY_AGAIN,
  ],
  references: [rfc(5321, '3.8'), rfc(5321, '4.2.3'), postconf('smtpd_hard_error_limit')],
});

function isShutdown(session: Session, request: Turn | null, reply: Turn): boolean {
  const hello = session.hello?.accepted === true ? session.hello.turn : null;
  if (hello === null || hello.index > reply.index || isBehindClose(session, reply)) return false;
  if (request === null) return silenceBefore(session, reply) < PATIENCE_SECONDS && !saidQuit(session, reply);
  if (request.kind === 'auth' || request.verb === 'AUTH' || request.verb === 'STARTTLS' || request.verb === 'QUIT')
    return false;
  // The server’s patience ended inside a message: data-stall tells of that.
  if (request.kind === 'message' && silenceBefore(session, reply) >= STALL_SECONDS) return false;
  const refusal = refusals(session).find((one) => one.reply === reply);
  if (refusal !== undefined)
    return refusal.kind === 'closing' || (refusal.kind === 'other' && refusal.transaction === null);
  // RSET, and what follows an earlier refusal.
  return request.verb === 'RSET';
}

function detection(session: Session, request: Turn | null, reply: Turn): readonly Detection<Data>[] {
  const open = session.transactions.some(
    ({ mail, message, recipients }) =>
      mail.index < reply.index &&
      (message === null || message.code === null) &&
      recipients.some(({ code }) => (code ?? 0) < 400),
  );
  const harmless = session.outcome === 'delivered' && !open && request === null;
  return [
    {
      evidence: [
        ...(request === null ? [] : [turnShows(request, 'is answered')]),
        turnShows(reply, 'by 421: the server closes'),
      ],
      data: {
        verb: request === null ? null : request.kind === 'message' ? 'the message' : request.verb,
        words: quote(session, reply),
        reason: reasonIn(reply.text),
        silentSeconds: silenceBefore(session, reply),
        harmless,
      },
      ...(harmless ? { severity: 'notice' } : {}),
      ...(reasonIn(reply.text) === 'reputation' ? { actor: 'client' } : {}),
    },
  ];
}

function silenceBefore(session: Session, reply: Turn): number {
  const last = session.turns.findLast((turn) => turn.index < reply.index);
  return last === undefined ? 0 : secondsBetween(last.endTimeUs, reply.timeUs);
}

function saidQuit(session: Session, reply: Turn): boolean {
  return session.turns.some((turn) => turn.verb === 'QUIT' && turn.index < reply.index);
}

/** The client had closed already, and the server says goodbye to nobody. */
function isBehindClose(session: Session, reply: Turn): boolean {
  const { fin, rst } = session.transport.client;
  return [fin, rst].some((close) => close !== null && close.us <= reply.timeUs);
}

function reasonIn(text: string): Reason {
  if (SPEAKS_OF_REPUTATION.test(text)) return 'reputation';
  if (
    /\btoo many (?:errors|(?:\w+ )?(?:bad|invalid|unknown|unrecogni[sz]ed|syntax|protocol|nonmail)|smtp errors)/i.test(
      text,
    )
  )
    return 'errors';
  if (/\btime(?:d)?[- ]?out|\bidle\b|\binactiv/i.test(text)) return 'timeout';
  if (/\btoo many\b|\blimit\b|\bmaximum\b|\bexceeded\b/i.test(text)) return 'limit';
  if (/\bbusy\b|\bload\b|\bresources?\b|\bmemory\b|\boverload/i.test(text)) return 'load';
  return /\bshut(?:ting)?[- ]?down|\brestart|\bmaintenance|\bnot (?:active|available|accepting)/i.test(text)
    ? 'shutdown'
    : 'unknown';
}
