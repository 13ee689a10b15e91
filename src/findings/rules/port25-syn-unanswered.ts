import type { Session } from '../../smtp/session.ts';
import { packetShows } from '../evidence.ts';
import { SUBMIT_THROUGH_RELAY } from '../remedies.ts';
import { defineRule, NOTHING, postconf, rfc } from '../rule.ts';
import { count, duration, secondsBetween } from '../words.ts';

/** How long nothing may come before it counts as no answer; what is shorter is a capture that ended too soon. */
const ENOUGH_SECONDS = 10;
const TOO_SHORT_SECONDS = 3;

interface Data {
  readonly port: number;
  readonly syns: number;
  readonly seconds: number;
  /** Another server or port that answered the same client: `192.0.2.1 port 587`. */
  readonly other: string | null;
}

const BLOCKED =
  'The client’s provider blocks outgoing port 25: usual for home connections (OP25B) and by default at the large cloud ' +
  'providers. The packets vanish without a word.';
const FIREWALL = 'A firewall, of the client’s host or network or of the server’s, drops the packets.';
const DEAD = 'The server is down, or the address is an old one: look at MX and A records.';
const RETURN = 'The answers take another way and are lost, or never passed the place of the capture.';

export default defineRule<Data>({
  id: 'port25-syn-unanswered',
  title: 'The server never answered the connection attempt',
  severity: 'error',
  confidence: 'likely',
  actor: 'network',
  triggers: ['unanswered'],
  needs: { client: 'any', server: 'any' },
  explains: ['not-connected'],
  detect(session, history) {
    const { transport } = session;
    if (transport.synCount < 2 || transport.icmp !== null || transport.opening !== 'unanswered') return NOTHING;
    const seconds = waited(session);
    if (seconds < TOO_SHORT_SECONDS) return NOTHING;
    const evidence = [
      packetShows(transport.synFrame, 'client', 'the first SYN'),
      packetShows(transport.lastSynFrame, 'client', 'the last SYN, still without answer'),
    ];
    const other = history.answeredElsewhere(session.client.address, session.server);
    const data: Data = {
      port: session.server.port,
      syns: transport.synCount,
      seconds,
      other: other === null ? null : `${other.address} port ${other.port}`,
    };
    if (seconds < ENOUGH_SECONDS) {
      const doubts = [`the capture goes on for only ${duration(seconds)} after the first SYN`];
      return [{ evidence, data, confidence: 'hint', doubts }];
    }
    return [{ evidence, data, ...(other === null ? {} : { confidence: 'certain' }) }];
  },
  message: ({ port, syns, seconds, other }) =>
    `No answer to ${count(syns, 'SYN')} to port ${port} within ${duration(seconds)}: no acceptance, no refusal, no error ` +
    `message${other === null ? '' : `; ${other} did answer this client`}`,
  explanation: `The client asked for a connection again and again and nothing came back. A server that is up and has no mail service refuses at once; silence means that the packets, or the answers, are thrown away on the path.

On port 25 the usual reason is a block: providers of home connections and clouds stop outgoing mail that does not pass through their own relay. Mail stays in the queue (Postfix logs “connect to …: Connection timed out”). It will not mend itself: the way out is the provider’s relay, on the submission port.

It is likely from the silence alone, and certain when the same client got an answer from another server or another port in the same capture.`,
  falseAlarms: [
    'A capture that ends within 10 s of the first SYN: a hint at most, and nothing within 3 s.',
    'A SYN that is sent twice and then answered is no fault and is not raised.',
    'Answers that took a way past the capture point: later data of the client shows it, and it is not raised.',
  ],
  causes: (data) => (data !== null && data.port !== 25 ? [FIREWALL, DEAD, RETURN] : [BLOCKED, FIREWALL, DEAD, RETURN]),
  remedies: (data) => [
    {
      applies: 'anyone, to tell the causes apart',
      text:
        'Try another port of the same server, and port 25 of another server. When every port 25 is silent and 587 answers, ' +
        'it is a block.',
      commands: [
        'nc -vz -w 10 smtp.isp.example 25',
        'nc -vz -w 10 smtp.isp.example 587',
        'traceroute -T -p 25 smtp.isp.example',
      ],
    },
    ...(data === null || data.port === 25 ? SUBMIT_THROUGH_RELAY : []),
    {
      applies: 'the provider or cloud account',
      text: 'Ask for port 25 to be opened, if this host must deliver by itself; many open it on request.',
      commands: [],
    },
  ],
  references: [rfc(5068), rfc(6409), postconf('relayhost'), postconf('smtp_connect_timeout')],
});

/** Seconds from the first SYN to the last moment at which the capture shows that nothing had come. */
function waited(session: Session): number {
  const { firstSyn, lastSyn } = session.transport;
  if (firstSyn === null || lastSyn === null) return 0;
  const between = secondsBetween(firstSyn.us, lastSyn.us);
  const quiet = Number.isNaN(session.quietSeconds) ? 0 : session.quietSeconds;
  return Number.isNaN(between) ? 0 : between + quiet;
}
