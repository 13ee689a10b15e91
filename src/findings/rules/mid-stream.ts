import { packetShows } from '../evidence.ts';
import { CAPTURE_WHOLE } from '../remedies.ts';
import { defineRule, NOTHING } from '../rule.ts';

interface Data {
  readonly rolesInferred: boolean;
  readonly greeted: boolean;
}

export default defineRule<Data>({
  id: 'mid-stream',
  title: 'The capture began inside this session',
  severity: 'notice',
  confidence: 'certain',
  actor: null,
  triggers: ['midStream'],
  needs: { client: 'any', server: 'any' },
  explains: ['incomplete'],
  detect(session) {
    const { client, server, rolesInferred } = session.transport;
    if (session.startCaptured || client.bytes + server.bytes === 0) return NOTHING;
    const direction = session.turns[0]?.from ?? 'client';
    return [
      {
        evidence: [packetShows(session.frames.first, direction, 'the first packet of this connection in the capture')],
        data: { rolesInferred, greeted: session.greeting !== null },
      },
    ];
  },
  message: ({ rolesInferred, greeted }) =>
    `The capture does not show how this connection began${greeted ? '' : ': what was said before is unknown'}` +
    `${rolesInferred ? '; who is the client is inferred' : ''}`,
  explanation: `The connection was already open when the capture started: there is no SYN of either side. What was said before (greeting, EHLO, login, TLS) is unknown, and which side is the client is taken from the ports or from who speaks like a server.

Findings that lean on the beginning are less sure in such a session, and say so, or are withheld.`,
  falseAlarms: ['A capture filter or a rotating capture that cuts sessions on purpose: expected.'],
  causes: () => [
    'The capture was started while the connection was open, or a rotating capture began a new file.',
    'A capture filter lets SYN packets out, or the first packets were lost.',
  ],
  remedies: () => [CAPTURE_WHOLE],
  references: [{ title: 'tcpdump(1)', url: 'https://www.tcpdump.org/manpages/tcpdump.1.html' }],
});
