import type { Transaction } from '../../smtp/session.ts';
import { turnShows } from '../evidence.ts';
import { type HeaderForm, headerFaults } from '../header-form.ts';
import { isMailDialogue } from '../known-commands.ts';
import { isOffByOne } from '../opening-words.ts';
import { type Detection, defineRule, NOTHING, postconf, rfc } from '../rule.ts';
import { strayReplies } from '../stray-replies.ts';
import { count, list } from '../words.ts';

interface Data extends HeaderForm {
  /** Messages of the session with a fault; the first is told. */
  readonly messages: number;
}

export default defineRule<Data>({
  id: 'message-format',
  title: 'The header of the message is not in order',
  severity: 'notice',
  confidence: 'certain',
  actor: 'client',
  triggers: ['message'],
  // Not raised for what the server refused: its reply counts.
  needs: { client: 'lower', server: 'lower', absence: true },
  explains: [],
  detect(session) {
    if (!isMailDialogue(session)) return NOTHING;
    const { transactions } = session;
    let first: { transaction: Transaction; form: HeaderForm } | null = null;
    let messages = 0;
    for (let i = 0; i < transactions.length; i++) {
      const transaction = transactions[i] as Transaction;
      const { message } = transaction;
      // A lone dot carries no message.
      if (message === null || message.bytes === 0 || message.head.length === 0 || (message.code ?? 0) >= 400) continue;
      const form = headerFaults(message);
      if (form === null) continue;
      first ??= { transaction, form };
      messages++;
    }
    const carrier = first?.transaction.message?.turns[0];
    if (first === null || carrier === undefined || isOffByOne(session)) return NOTHING;
    // Behind a reply too many the client may have meant a command.
    if ((strayReplies(session)[0]?.index ?? carrier.index) < carrier.index) return NOTHING;
    const detection: Detection<Data> = {
      evidence: [turnShows(carrier, 'its header')],
      data: { ...first.form, messages },
    };
    return [detection];
  },
  message: ({ missing, repeated, noColon, bcc, messages }) =>
    `The header of ${messages === 1 ? 'the message' : `${messages} messages`} is not in order: ${list([
      ...(missing.length > 0 ? [`no ${list(missing, 'or')} field`] : []),
      ...(repeated.length > 0 ? [`${list(repeated)} more than once`] : []),
      ...(noColon > 0 ? [`${count(noColon, 'line')} without a colon`] : []),
      ...(bcc ? ['Bcc with addresses that every recipient can read'] : []),
    ])}`,
  explanation: `A message needs a Date and a From field; each of Date, From, Sender, Reply-To, To, Cc, Message-ID, In-Reply-To, References and Subject may stand once; every line of the header has a name and a colon or continues the one before it (RFC 5322 §3.6, §2.2). Filters count faults against a mail, large providers refuse mail with two From fields or none, and programs differ in which of two fields they show. A Bcc field that is still there when the mail goes out tells every recipient who got the hidden copy.

It is certain, as far as the header was captured and kept. Only the first message with a fault is told. It is not raised for messages that the server refused.`,
  falseAlarms: [
    'Submission servers add Date and Message-ID to what their own users send: on port 587 a missing one does no harm.',
    'A Bcc field that a submission server takes out before it passes the mail on.',
    'A test message.',
  ],
  causes: () => [
    'A script that writes subject and text only, or forgets the empty line between header and text.',
    'Two programs that each add a field: a framework and its mail library, a form and the relay behind it.',
    'A client that leaves it to the server to take Bcc out.',
  ],
  remedies: () => [
    {
      applies: 'the program that sends',
      text: 'Let a library build the header: it writes Date, From and Message-ID once and leaves Bcc out.',
      commands: [],
    },
    {
      applies: 'Postfix',
      text:
        'always_add_missing_headers adds Date, From and Message-ID to mail of all clients, local_header_rewrite_clients says for whom it is done otherwise; ' +
        'a message_drop_headers list (bcc, content-length, resent-bcc, return-path) takes Bcc out.',
      commands: ['postconf always_add_missing_headers local_header_rewrite_clients message_drop_headers'],
    },
    {
      applies: 'Exim',
      text: 'control = submission in the ACL for the clients’ mail adds what is missing; headers_remove = Bcc in a transport takes it out.',
      commands: ['exim -bP transports | grep headers_remove'],
    },
  ],
  references: [rfc(5322, '3.6'), rfc(5322, '2.2'), postconf('always_add_missing_headers')],
});
