import { MARK } from '../../bytes/kernel/message-scan.ts';
import { turnShows } from '../evidence.ts';
import { isMailDialogue, surelyLacks } from '../known-commands.ts';
import { type Detection, defineRule, NOTHING, rfc } from '../rule.ts';

interface Data {
  /** The server surely does not offer 8BITMIME. */
  readonly lacking: boolean;
  readonly messages: number;
}

export default defineRule<Data>({
  id: '8bit-without-8bitmime',
  title: 'A message with octets beyond ASCII, not announced as such',
  severity: 'notice',
  confidence: 'certain',
  actor: 'client',
  triggers: ['oddMessage'],
  needs: { client: 'lower', server: 'lower' },
  explains: [],
  detect(session) {
    if (!isMailDialogue(session)) return NOTHING;
    const raw = session.transactions.filter(
      ({ mail, message }) =>
        message !== null &&
        (message.marks & MARK.eightBit) !== 0 &&
        !/\s(?:BODY=(?:8BITMIME|BINARYMIME)|SMTPUTF8)(?=\s|$)/i.test(mail.argument ?? ''),
    );
    const [first] = raw;
    const carrier = first?.message?.turns[0];
    if (first === undefined || carrier === undefined) return NOTHING;
    const lacking = surelyLacks(session, first.mail, ['8BITMIME']);
    const detection: Detection<Data> = {
      evidence: [turnShows(first.mail, 'announces no 8-bit text'), turnShows(carrier, 'octets above 127')],
      data: { lacking, messages: raw.length },
      ...(lacking ? { severity: 'warning' } : {}),
    };
    return [detection];
  },
  message: ({ lacking, messages }) =>
    `${messages === 1 ? 'A message holds' : `${messages} messages hold`} octets above 127, and MAIL did not say BODY=8BITMIME; ` +
    `the server ${lacking ? 'does not offer it' : 'would take it, or its offer was not seen'}`,
  explanation: `Without extensions a message is ASCII (RFC 5321 §2.3.1). Text beyond that is announced by BODY=8BITMIME in MAIL, where the server offers it (RFC 6152), or encoded by quoted-printable or base64. Unannounced octets usually pass all the same; a server on the way may clear their highest bit, refuse the message, or convert it and break its DKIM signature.

The octets were seen, and what MAIL says. A warning where the server does not offer 8BITMIME at all, since it has said that it cannot be relied on.`,
  falseAlarms: [
    'Nearly every server passes such octets unharmed: a notice.',
    'A message with SMTPUTF8 in MAIL may have them in its header and is not raised.',
  ],
  causes: () => [
    'A client or script that writes UTF-8 or Latin-1 into the message as it is.',
    'A client that looks at the text alone and forgets a name or subject beyond ASCII in the header.',
    'A relay that passes on what it got, without a look at the next server’s offer.',
  ],
  remedies: () => [
    {
      applies: 'the program that sends',
      text: 'Encode the text as quoted-printable or base64 and header fields as encoded words, or say BODY=8BITMIME where it is offered.',
      commands: [],
    },
    {
      applies: 'Postfix as client',
      text: 'disable_mime_output_conversion keeps Postfix from converting for servers without 8BITMIME: it is no by default. For mail that comes in unlabelled detect_8bit_encoding_header helps.',
      commands: ['postconf disable_mime_output_conversion detect_8bit_encoding_header'],
    },
    {
      applies: 'Exim as server',
      text: 'accept_8bitmime (on by default) makes Exim offer it; Exim does not convert for others.',
      commands: ['exim -bP accept_8bitmime'],
    },
  ],
  references: [rfc(6152, '3'), rfc(5321, '2.3.1')],
});
