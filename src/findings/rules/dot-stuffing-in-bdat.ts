import { dotLines } from '../dot-lines.ts';
import { turnShows } from '../evidence.ts';
import { isChunked, isMailDialogue } from '../known-commands.ts';
import { type Detection, defineRule, NOTHING, rfc } from '../rule.ts';
import { count } from '../words.ts';

interface Data {
  readonly lines: number;
}

export default defineRule<Data>({
  id: 'dot-stuffing-in-bdat',
  title: 'Dots were doubled in BDAT',
  severity: 'warning',
  confidence: 'likely',
  actor: 'developer',
  triggers: ['chunked'],
  needs: { client: 'withhold', server: 'any' },
  explains: [],
  detect(session) {
    if (!isMailDialogue(session)) return NOTHING;
    let found: Detection<Data>[] | null = null;
    for (let i = 0; i < session.transactions.length; i++) {
      const carrier = session.transactions[i]?.message?.turns[0];
      if (carrier === undefined || carrier.raw.indexOf('\n..') < 0) continue;
      if (!isChunked(session, { turns: [carrier] })) continue;
      const { single, double } = dotLines(carrier);
      if (double === 0 || single > 0) continue;
      found ??= [];
      found.push({ evidence: [turnShows(carrier, 'lines that begin with two dots')], data: { lines: double } });
    }
    return found ?? NOTHING;
  },
  message: ({ lines }) =>
    `BDAT carried ${count(lines, 'line')} with two dots at the start and none with one: the dots seem to have been doubled, as for DATA`,
  explanation: `BDAT says how many octets follow, so nothing has to be told from an end of data, and lines that begin with a dot are sent as they are (RFC 3030 §2). A client that doubles the dots as for DATA delivers texts with one dot too many, and breaks the DKIM signature.

It is likely: a text may really have lines with two dots, but a text in which every line with a dot has two is rare. It is looked for in the beginning of a message only, as far as that is kept.`,
  falseAlarms: ['A text that has such lines of its own: paths such as ../file, ellipses.'],
  causes: () => [
    'A library that writes the message through the same filter for DATA and for BDAT.',
    'A relay that keeps messages in the form in which DATA brought them and passes them on by BDAT.',
  ],
  remedies: () => [
    {
      applies: 'the program that sends',
      text: 'Double no dots for BDAT, and count the octets as they are sent.',
      commands: [],
    },
    {
      applies: 'Postfix as server',
      text: 'Until the client is mended BDAT can be taken out of the offer: it then uses DATA.',
      commands: ['postconf -e "smtpd_discard_ehlo_keywords = chunking, silent-discard" && postfix reload'],
    },
    {
      applies: 'Exim as client and server',
      text: 'chunking_advertise_hosts says to whom it is offered, hosts_try_chunking of the smtp transport where it is used.',
      commands: ['exim -bP chunking_advertise_hosts; exim -bP transports | grep hosts_try_chunking'],
    },
  ],
  references: [rfc(3030, '2'), rfc(5321, '4.5.2')],
});
