import { impatient, mayBeImpatient } from '../impatience.ts';
import { type Impatiently, impatiently, SERVERS_THAT_CHECK, TALK_IN_TURN } from '../impatience-text.ts';
import { defineRule, NOTHING, postconf, rfc } from '../rule.ts';
import { count } from '../words.ts';

export default defineRule<Impatiently>({
  id: 'pipelining-not-offered',
  title: 'Commands sent without waiting, and PIPELINING was not offered',
  severity: 'warning',
  confidence: 'likely',
  actor: 'client',
  triggers: ['impatientUnoffered'],
  needs: { client: 'lower', server: 'lower', start: 'withhold' },
  explains: ['rejected', 'deferred', 'aborted', 'partly-delivered'],
  explainsFrom: 'error',
  detect(session) {
    if (!mayBeImpatient(session)) return NOTHING;
    const { unoffered } = impatient(session);
    return unoffered.length === 0 ? NOTHING : [impatiently(session, unoffered, 'pipelining-not-offered')];
  },
  message: ({ before, next, times, words }) =>
    `The client sent ${next} before it could see the reply to ${before}${times > 1 ? `, and did so ${count(times, 'time')} in this session` : ''}; ` +
    `the server does not offer PIPELINING${words === null ? '' : `, and objects: ${words}`}`,
  explanation: `Without PIPELINING (RFC 2920) a client sends one command and waits for its reply. This one sent the next command while the packet that carries it shows, by its acknowledgement number, that the reply to the last one had not arrived. A server that does not expect it may throw the waiting commands away, answer them in the wrong place, or take the client for spamware and refuse it; what is lost then is mail.

That two commands share a packet or stand close together proves nothing and is not used. It is called likely because the acknowledgement tells what the client’s system had received, not what the program had read.`,
  falseAlarms: [
    'A client that gave up waiting and sends QUIT or RSET after some seconds: not raised.',
    'The dot of a message and the QUIT behind it in one packet: common and harmless, not raised.',
    'Where the offer was not captured whole nothing is said.',
  ],
  causes: () => [
    'A script that sends all its lines at once, with a pause at best, and never reads a reply (netcat, expect, backup and monitoring scripts, firmware of devices).',
    'A client that remembers an offer of PIPELINING from another server or an earlier session.',
    'A proxy or filter in between that takes PIPELINING out of the server’s offer, or puts several commands together.',
    'Spamware, which does not wait for anybody.',
  ],
  remedies: () => [TALK_IN_TURN, ...SERVERS_THAT_CHECK],
  references: [rfc(2920, '3.1'), rfc(5321, '4.3.1'), postconf('reject_unauth_pipelining')],
});
