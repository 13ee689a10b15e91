/** `5xx-retry`: a client tries the same mail again after a refusal that was final. */
import { defineCrossRule, postconf, rfc } from '../rule.ts';
import { count, duration } from '../words.ts';
import { crossFinding, type ToldFinding } from './collector.ts';
import { type Envelope, type Envelopes, storyOf, type Try } from './envelopes.ts';
import { mailWords } from './story.ts';

/** Clients that have a finding of their own; the worst first. */
const CLIENTS = 20;
const STORIES = 3;

/** Replies to a command in the wrong place or without a login: the client is right to try again another way. */
const NOT_FINAL: ReadonlySet<number> = new Set([500, 502, 503, 530, 535, 538]);

interface Data {
  readonly client: string;
  readonly mails: number;
  readonly first: Envelope;
  readonly refusal: Try;
  readonly again: number;
  readonly seconds: number;
}

export const rejectedRetry = defineCrossRule<Data>({
  id: '5xx-retry',
  title: 'The client tries again after a final refusal',
  scope: 'sessions',
  severity: 'warning',
  confidence: 'likely',
  actor: 'client',
  message: ({ client, mails, first, refusal, again, seconds }) =>
    `${client} sent ${mailWords(first)} again ${count(again, 'time')} after it had been refused for good ` +
    `(${refusal.reply}), first after ${duration(seconds)}` +
    `${mails === 1 ? '' : `; so it did with ${count(mails, 'mail')}`}`,
  explanation: `A reply of 5xx is final: the client has to return the mail to its sender and not to send it again unchanged. This one came back with the same reverse-path and forward-path. Whoever wrote the mail is not told that it will not arrive, and servers take such clients for spammers.

That the same envelope came again is certain. That it was the same mail is likely: a new mail between the same two looks alike where the message was never sent. Tries whose SIZE differs are other mails and do not count, and a session that had begun before the refusal came is no retry. Nothing is raised when the one try that follows is accepted, since then somebody may have mended the cause.`,
  falseAlarms: [
    'A report or a monitor that writes a new mail to the same dead address at intervals: it is not the same mail, but the address should be taken off all the same.',
    'A person who sends the mail again by hand.',
  ],
  causes: () => [
    'An application treats every error alike and has a loop of its own around sending.',
    'Postfix runs with soft_bounce = yes, which turns every 5xx into a try later.',
    'A new mail of the same sender to the same dead address, from a list that nobody cleans.',
  ],
  remedies: () => [
    {
      applies: 'Postfix as client',
      text: 'soft_bounce is for tests only: switch it off, then see what waits for this recipient and remove it.',
      commands: ['postconf soft_bounce', 'postconf -e "soft_bounce = no" && postfix reload', 'postqueue -p'],
    },
    {
      applies: 'Exim as client',
      text: 'See what waits and why, and remove what was refused for good.',
      commands: ['exim -bp', 'exiqgrep -r user@example.net -i | xargs -r exim -Mrm'],
    },
    {
      applies: 'nodemailer and other libraries',
      text:
        'Try again only when the reply’s code is 4xx or there was no reply (nodemailer: error.responseCode below 500 or ' +
        'undefined); report a 5xx to whoever wrote the mail.',
      commands: [],
    },
  ],
  references: [rfc(5321, '4.2.1'), postconf('soft_bounce')],
});

interface Retry {
  readonly envelope: Envelope;
  readonly refusal: Try;
  readonly later: readonly Try[];
}

export function tellRejectedRetries(envelopes: Envelopes): ToldFinding[] {
  const byClient = new Map<string, Retry[]>();
  for (const envelope of envelopes.all()) {
    const retry = retryOf(envelope);
    if (retry === null) continue;
    const { client } = retry.refusal;
    const retries = byClient.get(client);
    if (retries === undefined) byClient.set(client, [retry]);
    else retries.push(retry);
  }
  return [...byClient]
    .sort((a, b) => b[1].length - a[1].length)
    .slice(0, CLIENTS)
    .map(([client, retries]) => {
      const { envelope, refusal, later } = retries[0] as Retry;
      const next = later[0] as Try;
      const data: Data = {
        client,
        mails: retries.length,
        first: envelope,
        refusal,
        again: later.length,
        seconds: (next.timeUs - refusal.timeUs) / 1e6,
      };
      return crossFinding(rejectedRetry, {
        data,
        sessions: retries.flatMap((one) => [one.refusal.session, ...one.later.map(({ session }) => session)]),
        stories: retries.slice(0, STORIES).map((one) => storyOf(one.envelope)),
      });
    });
}

/** Bounces of one address to another are many and alike, and each is another mail. */
function retryOf(envelope: Envelope): Retry | null {
  if (envelope.from === '') return null;
  const { tries } = envelope;
  const refusal = tries.find(({ kind, code }) => kind === 'rejected' && !NOT_FINAL.has(code));
  if (refusal === undefined) return null;
  const later = tries.filter(
    (one) => isAfter(one, refusal) && one.client === refusal.client && isSameSize(one, refusal),
  );
  const [only] = later;
  if (only === undefined || (later.length === 1 && only.kind === 'accepted')) return null;
  return { envelope, refusal, later };
}

/** Who has two connections open sends over the second what it does not know to be refused over the first. */
function isAfter({ beganUs }: Try, refusal: Try): boolean {
  return beganUs > refusal.timeUs;
}

function isSameSize(a: Try, b: Try): boolean {
  return a.size < 0 || b.size < 0 || a.size === b.size;
}
