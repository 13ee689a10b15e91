/**
 * A mail server for tests: `node mail-server.mjs MANNER PORT`. Manners:
 *   good      takes every message, refuses every login and relaying
 *   plain     the same, and offers no logins
 *   founding  offers logins; its greeting and its EHLO reply are those of the founding case
 *   silent    accepts connections and says nothing
 *   slow      greets, and answers each command after 300 ms
 */
import net from 'node:net';

const [manner = 'good', port = '25'] = process.argv.slice(2);

const GREETING = {
  good: '220 mail.example.net ESMTP',
  founding: '220 mail.example.ne.jp SMTP-Gateway Version 2.05 at Sun, 12 Aug 2007 22:17:23 +0900 (JST)',
  slow: '220 mail.example.net ESMTP',
  plain: '220 mail.example.net ESMTP',
};
const EHLO = {
  good: ['mail.example.net', 'AUTH LOGIN PLAIN', 'PIPELINING'],
  slow: ['mail.example.net', 'PIPELINING'],
  plain: ['mail.example.net', 'PIPELINING'],
  founding: [
    'mail.example.ne.jp Hello local [192.0.2.7], pleased to meet you',
    'AUTH CRAM-MD5 LOGIN PLAIN',
    'ENHANCEDSTATUSCODES',
    'PIPELINING',
    '8BITMIME',
    'SIZE 104857600',
    'DSN',
    'DELIVERBY',
    'HELP',
  ],
};

function replyTo(line) {
  const verb = line.slice(0, 4).toUpperCase();
  if (verb === 'EHLO') return multiline(250, EHLO[manner]);
  if (verb === 'DATA') return '354 Go on';
  if (verb === 'QUIT') return '221 2.0.0 mail.example.ne.jp closing connection';
  if (verb === 'AUTH') return '535 5.7.8 Authentication failed';
  if (/^RCPT TO:<relay/i.test(line)) return '554 5.7.1 <relay@elsewhere.example>: Relay access denied';
  return '250 2.0.0 Ok';
}

function multiline(code, lines) {
  return lines.map((text, i) => `${code}${i < lines.length - 1 ? '-' : ' '}${text}`).join('\r\n');
}

net
  .createServer((socket) => {
    socket.on('error', () => {});
    if (manner === 'silent') return;
    const say = (text) => {
      const send = () =>
        socket.writable && (text.startsWith('221') ? socket.end(`${text}\r\n`) : socket.write(`${text}\r\n`));
      if (manner === 'slow') setTimeout(send, 300);
      else send();
    };
    socket.write(`${GREETING[manner]}\r\n`);
    let waiting = '';
    let inMessage = false;
    socket.on('data', (bytes) => {
      waiting += bytes.toString('latin1');
      for (;;) {
        const end = waiting.indexOf(inMessage ? '\r\n.\r\n' : '\r\n');
        if (end < 0) return;
        const line = waiting.slice(0, end);
        waiting = waiting.slice(end + (inMessage ? 5 : 2));
        if (inMessage) say('250 2.0.0 Queued');
        else say(replyTo(line));
        inMessage = !inMessage && /^DATA/i.test(line);
      }
    });
  })
  .listen(Number(port), '::', () => process.stdout.write('listening\n'));
