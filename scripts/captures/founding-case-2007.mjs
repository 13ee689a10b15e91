// Writes captures/founding-case-2007.pcap: the dialogue of August 2007 to the letter, and, earlier in the same capture,
// the connection that the same server accepted and closed without a word. Scripted: no software of 2007 ran for it.
//
// Seen at the home server. The addresses in the IP headers are documentation addresses; the text of the dialogue keeps
// the ones that it had. MSS 1414 is what the fibre provider's PPPoE leaves of 1454. Usage: node founding-case-2007.mjs [FILE]
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ACK, FIN, pcapFile, RST, SYN } from './lib/pcap-writer.mjs';
import { ScriptedConnection } from './lib/tcp-script.mjs';

const output = process.argv[2] ?? fileURLToPath(new URL('../../captures/founding-case-2007.pcap', import.meta.url));
const at = (clock) => Date.parse(`2007-08-12T${clock.slice(0, 8)}+09:00`) * 1000 + Number(clock.slice(9));

const home = {
  mac: '02:00:5e:00:53:01',
  address: '192.0.2.222',
  ttl: 64,
  mss: 1414,
  tickHz: 250,
  bootUs: at('19:03:11.004000'),
  windowScale: 2,
  synWindow: 5656,
  window: 1414,
  padTo: 0, // captured before the card pads it
};
const relay = {
  mac: '02:00:5e:00:53:fe', // the home router
  address: '198.51.100.123',
  port: 25,
  ttl: 54,
  mss: 1414,
  tickHz: 100,
  bootUs: at('00:00:00.000000') - 41 * 86_400e6,
  windowScale: 0,
  synWindow: 5792,
  window: 5792,
  padTo: 60,
};

const packets = [];

// 22:00:41: accepted, then closed by the server before any greeting. This one is behind the line in the mail log.
const dropped = new ScriptedConnection(
  packets,
  { ...home, port: 34_127, isn: 0x5d21_7c08, ipId: 0x3a51 },
  { ...relay, isn: 0xe6f0_42b1, ipId: 0x91c4 },
);
dropped.send('client', at('22:00:41.207318'), SYN);
dropped.send('server', at('22:00:41.220902'), SYN | ACK);
dropped.send('client', at('22:00:41.220951'), ACK);
dropped.send('server', at('22:00:41.571446'), FIN | ACK);
dropped.send('client', at('22:00:41.571893'), FIN | ACK);
dropped.send('server', at('22:00:41.585410'), ACK);

// 22:17:23: the queue's next try, 1002 s later. The server offers AUTH and the client leaves by itself.
const dialogue = new ScriptedConnection(
  packets,
  { ...home, port: 34_131, isn: 0x98a6_1e55, ipId: 0xc07e },
  { ...relay, isn: 0x2140_cc9a, ipId: 0x5b02 },
);
dialogue.send('client', at('22:17:23.316204'), SYN);
dialogue.send('server', at('22:17:23.329711'), SYN | ACK);
dialogue.send('client', at('22:17:23.329762'), ACK);
dialogue.say('server', at('22:17:23.377540'), [
  '220 mail.example.ne.jp SMTP-Gateway Version 2.05 at Sun, 12 Aug 2007 22:17:23 +0900 (JST)',
]);
dialogue.send('client', at('22:17:23.377592'), ACK);
dialogue.say('client', at('22:17:23.378467'), ['EHLO local']);
dialogue.send('server', at('22:17:23.392015'), ACK);
dialogue.say('server', at('22:17:23.392873'), [
  '250-mail.example.ne.jp Hello local [222.222.222.222], pleased to meet you',
  '250-AUTH CRAM-MD5 LOGIN PLAIN',
  '250-ENHANCEDSTATUSCODES',
  '250-PIPELINING',
  '250-8BITMIME',
  '250-SIZE 104857600',
  '250-DSN',
  '250-DELIVERBY',
  '250 HELP',
]);
dialogue.say('client', at('22:17:23.396318'), ['QUIT']);
dialogue.send('client', at('22:17:23.396702'), FIN | ACK); // Postfix does not wait for the answer to QUIT
dialogue.say('server', at('22:17:23.410655'), ['221 2.0.0 mail.example.ne.jp closing connection']);
dialogue.send('client', at('22:17:23.410691'), RST);
dialogue.send('server', at('22:17:23.411208'), FIN | ACK);
dialogue.send('client', at('22:17:23.411239'), RST);

writeFileSync(output, pcapFile(packets));
