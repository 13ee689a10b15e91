import { delivers, greylisted } from '../greylisted.ts';
import { TRY_AGAIN } from '../refusal-remedies.ts';
import { type Refused, refusedWith, whatWasRefused } from '../refused.ts';
import { defineRule, postconf, rfc } from '../rule.ts';

interface Data extends Refused {
  /** Accepted at a later try in the same session. */
  readonly acceptedLater: boolean;
  /** How long to wait, in the server's words; null where they do not say. */
  readonly wait: string | null;
}

export default defineRule<Data>({
  id: 'greylisting',
  title: 'The server puts the first try off (greylisting)',
  severity: 'notice',
  confidence: 'likely',
  actor: null,
  triggers: [],
  refusals: ['greylisting'],
  needs: { client: 'lower', server: 'lower' },
  explains: ['deferred', 'partly-delivered', 'aborted'],
  detect: (session) =>
    refusedWith(session, 'greylisting', (refused, { reply }) => {
      const triplets = greylisted(session);
      return {
        ...refused,
        acceptedLater:
          triplets.length > 0 &&
          triplets.every(({ from, to, refusal }) => delivers(session, from, to, refusal.reply.index)),
        wait:
          /\b(?:in|for|after) (\d{1,5} ?(?:seconds?|secs?|minutes?|mins?|hours?|s|m)\b|\d\d:\d\d:\d\d)/i.exec(
            reply.text,
          )?.[1] ?? null,
      };
    }).map((detection) => ({
      ...detection,
      severity: 'notice',
      confidence: detection.data.acceptedLater ? 'certain' : 'likely',
    })),
  message: (data) =>
    `The server puts ${whatWasRefused(data)} off on purpose: greylisting${data.wait === null ? '' : `, for ${data.wait}`}: ` +
    `${data.words}${data.acceptedLater ? '; a later try in this session was accepted' : ''}`,
  explanation: `The server refuses the first try of every client, sender and recipient that it has not seen together, and accepts the next one after some minutes. Mail servers try again; much spamware does not (RFC 6647). The mail arrives late, once; after that the three are known.

It is likely by the server’s words, and certain once the same sender and recipient were accepted from that client. Nothing is wrong unless the client does not come back.`,
  falseAlarms: [
    '“Try again later” alone is no greylisting, nor is 454 4.7.1 “Relay access denied”: waiting does not help there.',
    'A limit on rate looks alike and has its own words: see rate-limit.',
  ],
  causes: () => [
    'It is the first mail of this client, sender and recipient to that server, as far as the server remembers.',
    'The client sends each try from another address, so that each is a first one again.',
    'The client came back too soon, before the server’s waiting time was over.',
    'The sender’s address is another each time (VERP, SRS), so that each is a first one again.',
  ],
  remedies: () => [
    {
      applies: 'the client’s side',
      text: 'Wait. Do not send the mail again by hand, and do not change addresses between tries. A program without a queue should hand its mail to a mail server.',
      commands: [],
    },
    {
      applies: 'Postfix as client',
      text: 'The first retry comes after minimal_backoff_time (300 s), which suits most servers.',
      commands: ['postconf minimal_backoff_time queue_run_delay maximal_backoff_time'],
    },
    {
      applies: 'Postfix as server, with Postgrey (Debian, RHEL from EPEL, FreeBSD)',
      text: 'Except clients that are known, or shorten the wait with --delay.',
      commands: [
        'printf "%s\\n" "mail.example.net" >> /etc/postgrey/whitelist_clients.local && systemctl reload postgrey',
        'grep POSTGREY_OPTS /etc/default/postgrey',
      ],
    },
    {
      applies: 'Rspamd on the server',
      text: 'See the waiting time and the exceptions of the greylist module.',
      commands: ['rspamadm configdump greylist'],
    },
    ...TRY_AGAIN,
  ],
  references: [rfc(6647), rfc(5321, '4.5.4.1'), postconf('minimal_backoff_time')],
});
