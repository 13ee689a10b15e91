import { testRule } from '../support/expect.ts';
import { at, bare, half } from '../support/sessions.ts';
import { wire } from '../support/wire.ts';

const TALK = 'S: 220 mx.example ESMTP\nC: QUIT\nS: 221 bye';

testRule(
  'synack-retransmit',
  [
    {
      name: 'the client’s ACK stands in the capture, and the server repeats its SYN/ACK',
      session: wire('--8 s--', { synAcksAgain: [1, 3, 7] }),
      severity: 'warning',
      confidence: 'likely',
      message: /sent its SYN\/ACK 4 times: the client’s ACK stands in the capture/,
      firstCause: /does not reach the server/,
    },
    {
      name: 'it greets in the end',
      session: wire(`--4 s--\n${TALK}`, { synAcksAgain: [1, 3] }),
      message: /3 times/,
    },
    {
      name: 'nobody answers the SYN/ACK',
      session: bare(
        ['transport'],
        { opening: 'half-open', synAckCount: 5, synAck: at(0.01), established: null, establishedFrame: 0 },
        { end: at(31) },
      ),
      message: /no ACK of the client was seen/,
      firstCause: /Nobody is there/,
    },
    {
      name: 'the client asks again as well',
      session: bare(
        ['transport'],
        {
          opening: 'half-open',
          synCount: 3,
          lastSyn: at(3),
          synAckCount: 3,
          synAck: at(0.01),
          established: null,
          establishedFrame: 0,
        },
        { end: at(7) },
      ),
      firstCause: /SYN\/ACK does not reach the client/,
    },
  ],
  [
    { name: 'an ordinary session', session: wire(TALK) },
    { name: 'repeated once', session: wire(`--2 s--\n${TALK}`, { synAcksAgain: [1] }) },
    { name: 'every packet stands three times in the capture', session: wire(TALK, { copies: 3 }) },
    {
      name: 'every packet stands three times, and the server is slow',
      session: wire(`--7 s--\n${TALK}`, { copies: 3 }),
    },
    {
      name: 'the SYN/ACK itself was not captured',
      session: bare(['transport'], { synAck: null, synAckCount: 0, server: half({ bytes: 0 }) }, { end: at(30) }),
    },
  ],
);
