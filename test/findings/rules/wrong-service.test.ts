import { expect } from 'vitest';
import { testRule } from '../support/expect.ts';
import { wire } from '../support/wire.ts';

testRule(
  'wrong-service',
  [
    {
      name: 'IMAP',
      session: wire('S: * OK [CAPABILITY IMAP4rev1] ready\nC: EHLO client.example\nS: EHLO BAD'),
      severity: 'error',
      confidence: 'certain',
      message: /Port 25 is answered by an IMAP server/,
      firstCause: /fetching mail/,
      also: (finding, all) => expect(all).toEqual([finding]),
    },
    {
      name: 'a captive portal: nothing about the client, which leaves without a word',
      session: wire('S: HTTP/1.1 302 Found\nS: Location: http://portal.example/login\nS: '),
      firstCause: /captive portal/,
      also: (finding, all) => expect(all).toEqual([finding]),
    },
    { name: 'POP3', session: wire('S: +OK ready\nC: EHLO client.example\nS: -ERR'), message: /a POP3 server/ },
    { name: 'SSH', session: wire('S: SSH-2.0-OpenSSH_9.6\nC: EHLO client.example'), message: /an SSH server/ },
    { name: 'FTP', session: wire('S: 220 ftp.example FTP server ready\nC: EHLO client.example\nS: 500 what') },
    {
      name: 'news',
      session: wire('S: 200 news.example ready\nC: EHLO client.example\nS: 500 what'),
      firstCause: /forward/,
    },
    {
      name: 'HTTP on both sides',
      session: wire('C*: GET / HTTP/1.1\nC*: Host: x\nS: HTTP/1.1 200 OK\nS: ', { port: 2525 }),
      message: /Port 2525 is answered by an HTTP server/,
    },
  ],
  [
    { name: 'SMTP', session: wire('S: 220 ftp.example ESMTP\nC: QUIT\nS: 221 bye') },
    {
      name: 'an HTTP request to a mail server',
      session: wire('C*: GET / HTTP/1.1\nS: 220 mx.example ESMTP\nS: 221 bye'),
    },
    { name: 'an HTTP request that nobody answers', session: wire('C*: GET / HTTP/1.1', { close: 'server' }) },
    {
      name: 'the server’s first line lies in a hole',
      session: wire('--gap 30 S--\nS: * OK done\nC: EHLO client.example'),
    },
    { name: 'the capture began later', session: wire('S: * OK done', { midStream: true }) },
  ],
);
