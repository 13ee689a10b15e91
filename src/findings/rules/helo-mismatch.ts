import type { Session } from '../../smtp/session.ts';
import type { Turn } from '../../smtp/turn.ts';
import { reachOf } from '../addresses.ts';
import { turnShows } from '../evidence.ts';
import { replyTo } from '../in-clear.ts';
import { type Detection, defineRule, NOTHING, postconf, rfc } from '../rule.ts';
import { quote } from '../words.ts';

interface Data {
  readonly name: string;
  readonly address: string;
  /** The server’s words, where it is the one who says so. */
  readonly words: string | null;
}

const OPEN_BRACKET = 91;
const PARENTHESIS = 40;
const SUBMISSION_PORTS: ReadonlySet<number> = new Set([465, 587]);

const CAUSE = {
  nat: 'The client stands behind NAT and gives the address that it has inside.',
  moved: 'The machine got another address, or another name, and its mail program still has the old one.',
  ptr: 'The reverse name of the client’s address (PTR) does not exist, or does not lead back to that address.',
  forged: 'The client gives another machine’s name or address: spamware does.',
} as const;

export default defineRule<Data>({
  id: 'helo-mismatch',
  title: 'The client’s name and its address do not go together',
  severity: 'notice',
  confidence: 'hint',
  actor: 'client',
  triggers: ['ehloAccepted', 'refusal5xx', 'refusal4xx'],
  needs: { client: 'lower', server: 'any' },
  explains: [],
  detect(session) {
    const { hello } = session;
    if (hello === null || !hello.turn.complete) return NOTHING;
    if (hello.name.charCodeAt(0) === OPEN_BRACKET) return literal(session, hello.name, hello.turn);
    const reply = replyTo(session, hello.turn);
    if (reply === null || !saysMismatch(reply)) return NOTHING;
    return [
      {
        evidence: [turnShows(hello.turn, 'the name'), turnShows(reply, 'the server’s words')],
        data: { name: hello.name, address: session.client.address, words: quote(session, reply) },
      },
    ];
  },
  message: ({ name, address, words }) =>
    words === null
      ? `The client gives its address as ${name.slice(0, 80)}, and comes from ${address}`
      : `The server says that the client’s name “${name.slice(0, 80)}” and its address ${address} do not go together: ${words}`,
  explanation: `Servers compare what a client says of itself with the address that it comes from. A name that DNS does not tie to the address, or an address in brackets that is another one, counts against the mail; some servers refuse it for that later, in words of their own.

It is a hint: the capture does not hold DNS as the server sees it. The words are the server’s; the address in brackets is compared with the one in the packets, which on the other side of NAT may be another.`,
  falseAlarms: [
    'Mail programs behind NAT that log in: they give their inner address, and no server minds. On 587 and 465 it is not raised.',
    'A capture made inside, before the client’s address is translated: not raised for private addresses.',
    'Sendmail’s “may be forged” for a client with two names or none: common, and often harmless.',
  ],
  causes: (data) =>
    data === null
      ? Object.values(CAUSE)
      : data.words === null
        ? [CAUSE.nat, CAUSE.moved, CAUSE.forged]
        : [CAUSE.ptr, CAUSE.moved, CAUSE.forged],
  remedies: () => [
    {
      applies: 'DNS of the client',
      text: 'The address needs a PTR record, the name in it an A or AAAA record that leads back; the name in EHLO is best the same.',
      commands: ['host 192.0.2.10', 'host mail.example.net'],
    },
    {
      applies: 'Postfix as client',
      text: 'smtp_helo_name is the name in EHLO; smtp_bind_address chooses the address.',
      commands: ['postconf smtp_helo_name myhostname smtp_bind_address smtp_bind_address6'],
    },
    {
      applies: 'Exim as client',
      text: 'helo_data of the smtp transport is the name in EHLO, interface the address.',
      commands: ['exim -bP transports | grep -E "helo_data|interface"'],
    },
    {
      applies: 'Sendmail as client',
      text: "define(`confDOMAIN_NAME', `mail.example.net')dnl is the name in EHLO; CLIENT_OPTIONS chooses the address.",
      commands: ['make -C /etc/mail restart'],
    },
  ],
  references: [rfc(5321, '4.1.3'), rfc(5321, '4.1.4'), rfc(1912, '2.1'), postconf('smtp_helo_name')],
});

/** An address in brackets that is not the one in the packets. */
function literal(session: Session, name: string, turn: Turn): readonly Detection<Data>[] {
  const { address } = session.client;
  if (SUBMISSION_PORTS.has(session.server.port) || session.authentication.length > 0) return NOTHING;
  // In a hole there may have been a login.
  if (session.transport.client.missingBytes > 0) return NOTHING;
  const given = /^\[(?:IPv6:)?([0-9a-f.:]+)\]$/i.exec(name)?.[1];
  if (given === undefined || reachOf(address) !== 'public' || sameAddress(given, address)) return NOTHING;
  return [{ evidence: [turnShows(turn, 'the address that it gives')], data: { name, address, words: null } }];
}

/** Equal, or two IPv6 addresses: their many spellings are told apart by expanding them. */
function sameAddress(a: string, b: string): boolean {
  if (!a.includes(':') || !b.includes(':')) return a === b;
  return expanded(a) === expanded(b);
}

function expanded(address: string): string {
  const [head = '', tail] = address.toLowerCase().split('::', 2);
  const groups = (text: string) => (text === '' ? [] : text.split(':'));
  const first = groups(head);
  const last = tail === undefined ? [] : groups(tail);
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - first.length - last.length);
  return [...first, ...Array<string>(zeros).fill('0'), ...last].map((group) => group.replace(/^0+(?=.)/, '')).join(':');
}

/** In the first line of a reply to EHLO: Sendmail’s `(may be forged)`, or a refusal that speaks of both. */
function saysMismatch(reply: Turn): boolean {
  if (reply.code < 300) return reply.raw.indexOf(PARENTHESIS) >= 0 && /\(may be forged\)/.test(reply.lines[0] ?? '');
  return /\b(?:does not|doesn't|do not|don't|did not|not) match\b|\bmismatch\b/i.test(reply.text);
}
