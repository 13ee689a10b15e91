import { turnShows } from '../evidence.ts';
import { impatient } from '../impatience.ts';
import { lostGroup } from '../lost-group.ts';
import { defineRule, NOTHING, postconf, rfc } from '../rule.ts';
import { shiftedReply } from '../shifted-replies.ts';
import { count } from '../words.ts';

interface Data {
  readonly problem: 'order' | 'fewer';
  readonly verb: string;
  readonly code: number;
  readonly owner: string;
  readonly unanswered: number;
  readonly waitedSeconds: number;
}

export default defineRule<Data>({
  id: 'pipelining-server-broken',
  title: 'The server offers PIPELINING and loses commands',
  severity: 'error',
  confidence: 'likely',
  actor: 'server',
  triggers: ['disorder'],
  needs: { client: 'withhold', server: 'withhold', start: 'withhold' },
  explains: ['aborted', 'rejected', 'deferred', 'partly-delivered'],
  detect(session) {
    const { offered } = impatient(session);
    if (offered.length === 0) return NOTHING;
    const shift = shiftedReply(session);
    if (shift !== null && offered.some(({ before, next }) => before === shift.command || next === shift.command)) {
      const { command, reply, owner } = shift;
      return [
        {
          evidence: [
            turnShows(command, 'the next reply should answer it'),
            turnShows(owner, 'the only command that this reply fits'),
            turnShows(reply, 'the reply'),
          ],
          data: {
            problem: 'order',
            verb: command.verb ?? '',
            code: reply.code,
            owner: owner.verb ?? '',
            unanswered: 0,
            waitedSeconds: 0,
          },
        },
      ];
    }
    const lost = lostGroup(session);
    if (lost === null) return NOTHING;
    const { open, waitedSeconds } = lost;
    return [
      {
        evidence: open.slice(0, 4).map((turn) => turnShows(turn, 'never answered')),
        data: {
          problem: 'fewer',
          verb: open[0]?.verb ?? '',
          code: 0,
          owner: '',
          unanswered: open.length,
          waitedSeconds,
        },
      },
    ];
  },
  message: ({ problem, verb, code, owner, unanswered, waitedSeconds }) =>
    problem === 'order'
      ? `The server offers PIPELINING, and in a group of commands ${verb} got no reply: the ${code} in its place belongs to ${owner}`
      : `The server offers PIPELINING, and left ${count(unanswered, 'command')} of a group unanswered, though the client waited ${Math.round(waitedSeconds)} s`,
  explanation: `A server that offers PIPELINING has to answer each command of a group, in order (RFC 2920 §3.2). This one did not: commands that arrived together with others were lost. The client then takes each reply for the answer to the wrong command, waits for one that never comes, or is told 503 for an order that it kept.

It is likely: replies carry no number, so which command was lost is read off a reply that fits one kind of command only, or off a wait that nobody ended. It is not raised where anything of either side was not captured.`,
  falseAlarms: [
    'A server that closes the connection in the middle of a group, with or without 421: that is told by other findings.',
    'A client that leaves before the replies can be there: not raised before ten seconds.',
  ],
  causes: () => [
    'A server or filter that empties its input buffer when it switches to another state, after a refusal or a login.',
    'A proxy, firewall or virus filter in between that reads one command of a packet and drops the rest.',
    'A home-made server that reads a packet as one command.',
  ],
  remedies: () => [
    {
      applies: 'Postfix as client',
      text: 'Use no PIPELINING towards this server.',
      commands: [
        'printf "%s\\n" "192.0.2.25 pipelining" > /etc/postfix/ehlo_discard && postconf -e "smtp_discard_ehlo_keyword_address_maps = texthash:/etc/postfix/ehlo_discard"',
        'postfix reload && postqueue -f',
      ],
    },
    {
      applies: 'Exim as client',
      text: 'hosts_avoid_pipelining of the smtp transport names servers towards which it is not used.',
      commands: ['exim -bP transports | grep hosts_avoid_pipelining'],
    },
    {
      applies: 'the server',
      text: 'Take PIPELINING out of the offer until the part that loses commands is found: Postfix as server does so with smtpd_discard_ehlo_keywords.',
      commands: ['postconf -e "smtpd_discard_ehlo_keywords = pipelining" && postfix reload'],
    },
  ],
  references: [rfc(2920, '3.2'), postconf('smtp_discard_ehlo_keyword_address_maps')],
});
