/** `4xx-giveup`: after a refusal for now, the client did not come back, though the capture goes on long enough. */
import { defineCrossRule, postconf, rfc } from '../rule.ts';
import { count, duration } from '../words.ts';
import { crossFinding, type ToldFinding } from './collector.ts';
import { type Envelope, type Envelopes, storyOf, type Try } from './envelopes.ts';
import { mailWords } from './story.ts';

/** A mail queue comes back within minutes, and an hour later at the latest in any usual set-up. */
const LONG_SECONDS = 2 * 3600;
/** Clients that have a finding of their own; those with most mails first. */
const CLIENTS = 20;
const STORIES = 3;

interface Data {
  readonly client: string;
  readonly mails: number;
  readonly first: Envelope;
  readonly refusal: Try;
  readonly seconds: number;
}

export const deferredGiveup = defineCrossRule<Data>({
  id: '4xx-giveup',
  title: 'The client did not come back after a refusal for now',
  scope: 'sessions',
  severity: 'notice',
  confidence: 'hint',
  actor: 'client',
  message: ({ client, mails, first, refusal, seconds }) =>
    `${client} did not try ${mailWords(first)} again in the ${duration(seconds)} that the capture goes on after ` +
    `${refusal.reply}${mails === 1 ? '' : `; nor ${count(mails - 1, 'other mail')} that had been put off`}`,
  explanation: `A reply of 4xx asks the client to try again later; a mail queue does so within minutes, and for days. Nothing came back from this client’s network with the same reverse-path and forward-path in two hours of capture or more. If it has no queue, the mail is lost, and perhaps nobody was told.

It is a hint: the mail may have gone another way, to another server outside of the capture, from another network, or after the capture’s end. A later session of the same network whose envelope cannot be seen (TLS, a connection that broke) counts as coming back.`,
  falseAlarms: [
    'A sender of spam that never comes back: greylisting did what it is for.',
    'A large provider that tries again from another network.',
    'A capture that sees only one of several mail servers of the domain.',
  ],
  causes: () => [
    'An application sends by itself and has no queue: what is put off is lost.',
    'Spam software, which does not try twice.',
    'The mail was tried again somewhere that the capture does not see.',
  ],
  remedies: () => [
    {
      applies: 'applications and scripts',
      text:
        'Hand mail to a mail server on the same machine, which keeps it and tries again: Postfix, Exim, OpenSMTPD, or one ' +
        'that only relays, such as nullmailer or dma.',
      commands: ['apt-get install nullmailer', 'dnf install postfix', 'apk add postfix'],
    },
    {
      applies: 'msmtp',
      text:
        'msmtp itself has no queue: it ends with an exit status (75, temporary failure) that the caller has to heed. Its ' +
        'msmtpq script keeps mail and sends it later.',
      commands: [],
    },
    {
      applies: 'Postfix as client',
      text: 'Look for the mail in the queue and in the log; deferred mail is kept for maximal_queue_lifetime.',
      commands: ['postqueue -p', 'postconf maximal_queue_lifetime minimal_backoff_time maximal_backoff_time'],
    },
  ],
  references: [rfc(5321, '4.5.4.1'), postconf('maximal_queue_lifetime')],
});

interface GivenUp {
  readonly envelope: Envelope;
  readonly refusal: Try;
  readonly seconds: number;
}

export function tellGivenUp(envelopes: Envelopes): ToldFinding[] {
  const byClient = new Map<string, GivenUp[]>();
  for (const envelope of envelopes.all()) {
    const refusal = envelope.tries.at(-1);
    if (refusal === undefined || (refusal.kind !== 'deferred' && refusal.kind !== 'greylisted')) continue;
    const seconds = envelopes.secondsAfter(refusal);
    if (!(seconds >= LONG_SECONDS) || envelopes.cameLater(envelope, refusal)) continue;
    const all = byClient.get(refusal.client);
    if (all === undefined) byClient.set(refusal.client, [{ envelope, refusal, seconds }]);
    else all.push({ envelope, refusal, seconds });
  }
  return [...byClient]
    .sort((a, b) => b[1].length - a[1].length)
    .slice(0, CLIENTS)
    .map(([client, all]) => {
      const { envelope, refusal, seconds } = all[0] as GivenUp;
      const data: Data = { client, mails: all.length, first: envelope, refusal, seconds };
      return crossFinding(deferredGiveup, {
        data,
        sessions: all.map((one) => one.refusal.session),
        stories: all.slice(0, STORIES).map((one) => storyOf(one.envelope)),
      });
    });
}
