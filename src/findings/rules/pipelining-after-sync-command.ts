import { impatient, mayBeImpatient } from '../impatience.ts';
import { type Impatiently, impatiently, SERVERS_THAT_CHECK, TALK_IN_TURN } from '../impatience-text.ts';
import { defineRule, NOTHING, rfc } from '../rule.ts';
import { count } from '../words.ts';

export default defineRule<Impatiently>({
  id: 'pipelining-after-sync-command',
  title: 'Something was sent behind a command that has to be waited for',
  severity: 'warning',
  confidence: 'likely',
  actor: 'client',
  triggers: ['impatientSync'],
  needs: { client: 'lower', server: 'lower', start: 'withhold' },
  explains: ['rejected', 'deferred', 'aborted', 'partly-delivered'],
  explainsFrom: 'error',
  detect(session) {
    if (!mayBeImpatient(session)) return NOTHING;
    const { behindSync } = impatient(session);
    return behindSync.length === 0 ? NOTHING : [impatiently(session, behindSync, 'pipelining-after-sync-command')];
  },
  message: ({ before, next, times, words }) =>
    `The client sent ${next} behind ${before} without waiting for its reply${times > 1 ? `, and did the like ${count(times, 'time')} in this session` : ''}` +
    `${words === null ? '' : `; the server objects: ${words}`}`,
  explanation: `Some commands change what comes next, so that a client has to wait for their replies even where PIPELINING is offered: EHLO, AUTH, STARTTLS, DATA, VRFY, EXPN, TURN, QUIT and NOOP may only be the last of a group (RFC 2920 §3.1). Behind DATA the client learns from the reply whether a message or a command is to follow; behind EHLO, what it may use at all. What is sent too early may be thrown away, or read as something else.

The packet with the later bytes does not acknowledge the reply, so the client cannot have seen it. It is called likely because the acknowledgement tells what the client’s system had received, not what the program had read.`,
  falseAlarms: [
    'Exim that sends more with EHLO to a server which offers PIPECONNECT: not raised.',
    'QUIT behind EHLO or NOOP, as monitors do: not raised.',
    'Plain text behind STARTTLS is told by starttls-command-injection.',
  ],
  causes: () => [
    'A script that sends all its lines at once and never reads a reply.',
    'A library that sends the message right behind DATA to save a round trip.',
    'A client that pipelines rightly, and does not know the commands that end a group.',
    'Spamware, which does not wait for anybody.',
  ],
  remedies: () => [TALK_IN_TURN, ...SERVERS_THAT_CHECK],
  references: [rfc(2920, '3.1'), rfc(5321, '4.1.1.4'), rfc(4954, '4')],
});
