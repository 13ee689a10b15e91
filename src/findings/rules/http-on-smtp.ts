import { Fact } from '../../smtp/session.ts';
import { turnShows } from '../evidence.ts';
import { isRequestLine, openingOf } from '../opening-words.ts';
import { defineRule, NOTHING, postconf, rfc } from '../rule.ts';

interface Data {
  readonly method: string;
  /** The client waited for the 220: no browser does. */
  readonly waited: boolean;
  /** The server dropped the client for it, by a reply or a close. */
  readonly refused: boolean;
  /** MAIL came behind it: mail smuggled in through a program that speaks HTTP. */
  readonly mail: boolean;
}

const CAUSE = {
  url: 'A program was given the mail server’s address as a web address (http://mail.example.net:25): a browser, curl, a health check.',
  forged:
    'An application on the client’s machine fetches addresses that strangers name (SSRF), or is an open web proxy, and ' +
    'was pointed at the mail server.',
  scanner: 'A scanner that tries HTTP on every open port.',
} as const;

export default defineRule<Data>({
  id: 'http-on-smtp',
  title: 'The client spoke HTTP to the mail server',
  severity: 'warning',
  confidence: 'certain',
  actor: 'client',
  triggers: ['notSmtp', 'oddOpening'],
  needs: { client: 'withhold', server: 'any', start: 'withhold' },
  explains: ['not-smtp', 'rejected', 'aborted', 'idle', 'no-greeting'],
  detect(session) {
    const opening = openingOf(session);
    if (opening === null || (opening.kind !== 'http' && opening.kind !== 'proxy')) return NOTHING;
    const request = opening.next;
    if (request === null || !isRequestLine(request)) return NOTHING;
    const answer = session.turns.find((turn) => turn.from === 'server');
    // Both sides speak HTTP: that it stands on a mail port is wrong-service. A hole may hide that they do.
    if (answer?.kind === 'gap' || answer?.raw.toString('latin1', 0, 5) === 'HTTP/') return NOTHING;
    const closes = session.transport.closing.startsWith('server');
    return [
      {
        evidence: [
          turnShows(request, 'an HTTP request'),
          ...(answer === undefined ? [] : [turnShows(answer, 'answered by a mail server')]),
        ],
        data: {
          method: request.lines[0]?.split(' ', 1)[0] ?? '',
          waited: !opening.early,
          refused:
            closes || session.turns.some((turn) => turn.kind === 'reply' && (turn.code === 221 || turn.code >= 400)),
          mail: (session.facts & Fact.mailCommand) !== 0,
        },
      },
    ];
  },
  message: ({ method, waited, refused, mail }) =>
    `The client sent an HTTP request (${method})${waited ? '' : ', without waiting for the greeting'}` +
    `${mail ? '; commands of SMTP with a sender came behind it' : refused ? '; the server did not go along' : ''}`,
  explanation: `A request line of HTTP stands where EHLO should. Mostly somebody typed an address, or a scanner tries its luck. It matters where the client is one of your own machines: a web application that can be made to fetch any address can be made to send mail, by putting SMTP commands into a request. Postfix ends such sessions at once (smtpd_forbidden_commands, by default CONNECT, GET and POST), other servers answer each line with 500, and one that goes on reading finds the commands further down.

That the client spoke HTTP is certain.`,
  falseAlarms: [
    'A health check of a load balancer or container that is set to HTTP instead of TCP: harmless, and easily mended.',
    'A web server that listens on this port: not raised, wrong-service tells of it.',
  ],
  causes(data) {
    if (data === null) return Object.values(CAUSE);
    return data.mail ? [CAUSE.forged, CAUSE.scanner, CAUSE.url] : [CAUSE.url, CAUSE.scanner, CAUSE.forged];
  },
  remedies: () => [
    {
      applies: 'the client’s side',
      text: 'Find the program by its User-Agent line in the capture, or by the connection while it lasts.',
      commands: ['ss -tnp "( dport = :25 or dport = :587 )"'],
    },
    {
      applies: 'Postfix as server',
      text: 'smtpd_forbidden_commands names the words that end a session; keep CONNECT, GET and POST among them.',
      commands: ['postconf smtpd_forbidden_commands'],
    },
    {
      applies: 'Exim as server',
      text: 'smtp_enforce_sync (the default) drops a client that does not wait; smtp_max_unknown_commands limits the rest.',
      commands: ['exim -bP smtp_enforce_sync smtp_max_unknown_commands smtp_max_synprot_errors'],
    },
    {
      applies: 'Sendmail as server',
      text: 'It ends a session that begins with an HTTP request by itself: 421 Rejecting open proxy.',
      commands: ['grep "probable open proxy" /var/log/mail.log | tail -n 20'],
    },
  ],
  references: [
    rfc(9112, '3'),
    postconf('smtpd_forbidden_commands'),
    { title: 'ALPACA: application layer protocol confusion', url: 'https://alpaca-attack.com/' },
  ],
});
