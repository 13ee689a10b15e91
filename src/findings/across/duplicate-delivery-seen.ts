/** `duplicate-delivery-seen`: one client gave a server the same mail twice, and both times it was accepted. */
import { defineCrossRule, postconf, rfc } from '../rule.ts';
import { count, duration } from '../words.ts';
import { crossFinding, type ToldFinding } from './collector.ts';
import { isDuplicate, type PassedMessages, passedStory, type Repeated, type Sight } from './passed-messages.ts';
import { mailWords } from './story.ts';

/** Clients that have a finding of their own; those with most mails first. */
const CLIENTS = 20;
const STORIES = 3;

interface Data {
  readonly client: string;
  readonly mails: number;
  readonly messageId: string | null;
  readonly mail: string;
  readonly others: number;
  readonly first: Sight;
  readonly again: Sight;
  readonly times: number;
}

export const duplicateDelivery = defineCrossRule<Data>({
  id: 'duplicate-delivery-seen',
  title: 'The same mail was delivered twice',
  scope: 'sessions',
  severity: 'error',
  confidence: 'likely',
  actor: 'client',
  message: ({ client, mails, messageId, mail, others, first, again, times }) =>
    `${client} delivered ${messageId === null ? '' : `${messageId}, `}${mail}` +
    `${others === 0 ? '' : ` and ${count(others, 'other recipient')}`} ${times === 2 ? 'twice' : count(times, 'time')}: ` +
    `${first.server} accepted it in session ${first.session} and ` +
    `${again.server === first.server ? '' : `${again.server} `}again ${duration((again.timeUs - first.timeUs) / 1e6)} ` +
    `later in session ${again.session}${mails === 1 ? '' : `; so it went with ${count(mails, 'mail')}`}`,
  explanation: `One Message-ID, the same reverse-path and the same recipients were accepted twice within a day: the recipients have the mail twice. Usually the client did not see the first acceptance (it stopped waiting after the final dot, or the reply was lost) and, as it must, tried again. RFC 5321 asks clients to wait ten minutes there for exactly this reason.

That both were accepted is what the capture shows. That they are one mail is likely: a program may use one Message-ID for different mails, or a person may send the same file again. Where a mail has no Message-ID, its date and content stand for it.`,
  falseAlarms: [
    'A program that gives every mail the same Message-ID.',
    'A mail that was sent again on purpose within the day.',
    'Copies for other recipients, the way through a content filter, and one connection in two captures are not raised.',
  ],
  causes: () => [
    'The client stopped waiting for the reply to the final dot before the server gave it: its limit is too short, or the server’s filter too slow.',
    'The acceptance was lost on its way: a NAT or firewall had forgotten the idle connection, or it broke off.',
    'A program sends again after an error of its own, though the mail had been accepted.',
  ],
  remedies: () => [
    {
      applies: 'Postfix as client',
      text: 'Wait for the reply to the final dot as long as RFC 5321 asks for, ten minutes; that is the default.',
      commands: ['postconf smtp_data_done_timeout', 'postconf -e "smtp_data_done_timeout = 600s" && postfix reload'],
    },
    {
      applies: 'Exim as client',
      text: 'final_timeout of the smtp transport is the same limit; its default is ten minutes.',
      commands: ['exim -bP transports | grep final_timeout'],
    },
    {
      applies: 'nodemailer and other libraries',
      text:
        'Raise the socket timeout to ten minutes (nodemailer: socketTimeout: 600000), and keep the Message-ID when the ' +
        'same mail is tried again, so that later stations can recognise it.',
      commands: [],
    },
    {
      applies: 'the server',
      text: 'Filter faster, or after the mail was taken into the queue, so that the reply to the final dot comes within seconds.',
      commands: ['grep -E "milter|proxy-(accept|reject)|delays=" /var/log/mail.log | tail -n 20'],
    },
  ],
  references: [rfc(1047), rfc(5321, '4.5.3.2.6'), rfc(5321, '6.1'), postconf('smtp_data_done_timeout')],
});

interface Pair {
  readonly mail: Repeated;
  readonly first: Sight;
  readonly again: Sight;
  readonly all: readonly Sight[];
}

export function tellDuplicates(messages: PassedMessages): ToldFinding[] {
  const byClient = new Map<string, Pair[]>();
  for (const mail of messages.duplicates) {
    const pair = pairOf(mail);
    if (pair === null) continue;
    const all = byClient.get(pair.first.client);
    if (all === undefined) byClient.set(pair.first.client, [pair]);
    else all.push(pair);
  }
  return [...byClient]
    .sort((a, b) => b[1].length - a[1].length)
    .slice(0, CLIENTS)
    .map(([client, pairs]) => {
      const { mail, first, again, all } = pairs[0] as Pair;
      const data: Data = {
        client,
        mails: pairs.length,
        messageId: mail.messageId,
        mail: mailWords(mail),
        others: mail.others,
        first,
        again,
        times: all.length,
      };
      return crossFinding(duplicateDelivery, {
        data,
        sessions: pairs.flatMap((pair) => pair.all.map(({ session }) => session)),
        stories: pairs.slice(0, STORIES).map((pair) => passedStory({ ...pair.mail, sights: [...pair.all] })),
      });
    });
}

/** The first acceptance that came again, with all its copies. */
function pairOf(mail: Repeated): Pair | null {
  const sights = [...mail.sights].sort((a, b) => a.timeUs - b.timeUs || a.session - b.session);
  for (const first of sights) {
    const copies = sights.filter((one) => one !== first && isDuplicate(first, one));
    const [again] = copies;
    if (again !== undefined) return { mail, first, again, all: [first, ...copies] };
  }
  return null;
}
