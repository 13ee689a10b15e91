/** `same-mail-several-hosts`: one mail was seen on several hops of its way. */
import { defineCrossRule, rfc } from '../rule.ts';
import { count } from '../words.ts';
import { crossFinding, type ToldFinding } from './collector.ts';
import { type PassedMessages, passedStory, type Repeated, type Sight } from './passed-messages.ts';
import { mailWords } from './story.ts';

const STORIES = 3;
/** Hops that the message names. */
const HOPS = 5;

interface Data {
  readonly messageId: string | null;
  readonly mail: string;
  readonly hops: readonly Sight[];
  readonly mails: number;
}

export const sameMailSeveralHosts = defineCrossRule<Data>({
  id: 'same-mail-several-hosts',
  title: 'One mail, seen on several hops',
  scope: 'sessions',
  severity: 'notice',
  confidence: 'certain',
  actor: null,
  message: ({ messageId, mail, hops, mails }) =>
    `${messageId === null ? `The ${mail}` : `${messageId}, ${mail},`} was seen on its way ${hops
      .slice(0, HOPS)
      .map(({ client, server, session }) => `from ${client} to ${server} (session ${session})`)
      .join(', then ')}${hops.length > HOPS ? ', and further' : ''}` +
    `${mails === 1 ? '' : `; so were ${count(mails - 1, 'other mail')}`}`,
  explanation: `The same Message-ID was accepted by one host, and then sent on by it, or was seen at different places by the captures of this run. Nothing is wrong: it is the way of the mail through relays and filters. It helps to follow one mail, to see where it waited, and where it was changed (compare its header in the sessions named).`,
  falseAlarms: ['A program that gives every mail the same Message-ID: then they are different mails.'],
  causes: () => ['The capture stands at a relay, a gateway or a content filter, which takes mail in and sends it on.'],
  remedies: () => [
    {
      applies: 'anyone, to follow one mail',
      text: 'Compare the Received fields and the envelope in the sessions named; the times show where the mail waited.',
      commands: ['smtpscope mail.pcap --session 1 --session 4 --time clock'],
    },
  ],
  references: [rfc(5321, '4.4'), rfc(5322, '3.6.4')],
});

export function tellHops(messages: PassedMessages): ToldFinding[] {
  const mails = [...messages.hops];
  const [first] = mails;
  if (first === undefined) return [];
  const data: Data = {
    messageId: first.messageId,
    mail: mailWords(first),
    hops: hopsOf(first),
    mails: Math.max(messages.hopped, mails.length),
  };
  return [
    crossFinding(sameMailSeveralHosts, {
      data,
      sessions: mails.flatMap(({ sights }) => sights.map(({ session }) => session)),
      stories: mails.slice(0, STORIES).map(passedStory),
    }),
  ];
}

/** By time; where that says nothing (two clocks), the one that hands on comes after the one that delivered. */
function hopsOf({ sights }: Repeated): Sight[] {
  return [...sights].sort((a, b) => a.timeUs - b.timeUs || (a.client === b.server ? 1 : -1));
}
