import { closeShows, turnShows } from '../evidence.ts';
import { idleTimeout } from '../idle.ts';
import { defineRule, NOTHING, postconf, rfc } from '../rule.ts';
import { duration, quote } from '../words.ts';

interface Data {
  readonly seconds: number;
  readonly words: string | null;
}

export default defineRule<Data>({
  id: 'idle-timeout',
  title: 'The client fell silent and the server left',
  severity: 'notice',
  confidence: 'certain',
  actor: 'client',
  triggers: ['slow', 'transport'],
  needs: { client: 'lower', server: 'lower' },
  explains: ['idle', 'aborted', 'deferred'],
  detect(session) {
    const idle = idleTimeout(session);
    if (idle === null) return NOTHING;
    const { last, farewell, seconds } = idle;
    return [
      {
        evidence: [
          turnShows(last, 'the last words before the silence'),
          ...(farewell === null ? [] : [turnShows(farewell, 'the server leaves')]),
          ...closeShows(session, 'the close'),
        ],
        data: { seconds, words: farewell === null ? null : quote(session, farewell) },
      },
    ];
  },
  message: ({ seconds, words }) =>
    `The client sent no command for ${duration(seconds)}, and the server ${words === null ? 'closed the connection' : `left: ${words}`}`,
  explanation: `A server has to wait five minutes at least for the next command (RFC 5321 §4.5.3.2.7), and may leave after that, with 421 or without. This one waited long enough. Nothing was under way: every command had its reply, and no message was being sent.

It is certain: it is the time between the last reply and the server’s farewell. Usually nothing is lost; a client that wants to use the connection again finds it closed and has to open another.`,
  falseAlarms: [
    'A person with telnet who went for a coffee.',
    'A client that keeps connections for later use on purpose.',
  ],
  causes: () => [
    'A client keeps the connection for the next mail (connection caching, a pool) and has none.',
    'A client program hangs, or waits for something of its own: a user, a database, a file.',
    'The client has gone without closing: it was switched off, or a firewall forgot the connection and its packets no longer pass.',
  ],
  remedies: () => [
    {
      applies: 'Postfix as client',
      text: 'smtp_connection_cache_time_limit (2 s) says how long a connection is kept.',
      commands: [
        'postconf smtp_connection_cache_time_limit smtp_connection_cache_on_demand smtp_connection_reuse_time_limit',
      ],
    },
    {
      applies: 'nodemailer and other pools',
      text: 'Close the pool when it has nothing to send, and expect a closed connection at the next mail.',
      commands: [],
    },
    {
      applies: 'Postfix and Exim as server',
      text: 'smtpd_timeout and smtp_receive_timeout (5 min each) say how long the server waits.',
      commands: ['postconf smtpd_timeout', 'exim -bP smtp_receive_timeout'],
    },
  ],
  references: [rfc(5321, '4.5.3.2.7'), postconf('smtpd_timeout')],
});
