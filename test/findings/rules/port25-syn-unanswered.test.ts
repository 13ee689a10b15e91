import { testRule } from '../support/expect.ts';
import { at, bare, half } from '../support/sessions.ts';
import { wire } from '../support/wire.ts';

function unanswered(seconds: number, quietSeconds: number, syns = 4, port = 25) {
  return bare(
    ['unanswered'],
    {
      opening: 'unanswered',
      synCount: syns,
      synAckCount: 0,
      lastSyn: at(seconds),
      lastSynFrame: 9,
      synAck: null,
      established: null,
      client: half({ packets: syns }),
    },
    { server: { address: '192.0.2.25', port }, quietSeconds },
  );
}

const ANSWERED = 'S: 220 mx.example\nC: QUIT\nS: 221 bye';

testRule(
  'port25-syn-unanswered',
  [
    {
      name: 'four SYNs in 7 s, then silence',
      session: unanswered(7, 40),
      severity: 'error',
      confidence: 'likely',
      message: /No answer to 4 SYNs to port 25 within 47 s/,
      firstCause: /blocks outgoing port 25/,
    },
    {
      name: 'the same server answers on 587',
      session: unanswered(7, 40),
      earlier: [wire(ANSWERED, { port: 587 })],
      confidence: 'certain',
      message: /192\.0\.2\.25 port 587 did answer/,
    },
    {
      name: 'another server answers',
      session: unanswered(7, 40),
      earlier: [wire(ANSWERED, { server: '203.0.113.1' })],
      confidence: 'certain',
    },
    {
      name: 'another client was answered: no more certain for this one',
      session: unanswered(7, 40),
      earlier: [wire(ANSWERED, { client: '198.51.100.8', server: '203.0.113.1' })],
      confidence: 'likely',
    },
    {
      name: 'the same server and port answered before: no more certain',
      session: unanswered(7, 40),
      earlier: [wire(ANSWERED)],
      confidence: 'likely',
    },
    {
      name: 'another port: a block of 25 is not named',
      session: unanswered(7, 40, 4, 587),
      firstCause: /firewall/,
      message: /port 587/,
    },
    {
      name: 'the capture ends early',
      session: unanswered(3, 2),
      confidence: 'hint',
      message: /less sure: the capture goes on for only 5 s/,
    },
  ],
  [
    { name: 'one SYN alone', session: unanswered(0, 60, 1) },
    { name: 'two SYNs, one second apart, at the end of the capture', session: unanswered(1, 0, 2) },
    { name: 'refused', session: bare(['refused'], { opening: 'refused', synCount: 2 }) },
    {
      name: 'a SYN sent twice and then answered',
      session: bare(['noServerBytes'], { synCount: 2, closing: 'client-fin' }),
    },
  ],
);
