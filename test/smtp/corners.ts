/**
 * Dialogues at the corners of the standards: what is rarely sent, what goes wrong in the middle, what breaks the rules.
 * Read with dialogues.ts, which says what a fixture is.
 */
import type { Fixture } from './dialogues.ts';

/** `250 EHLO, 354 DATA` as the answers of a fixture; `-` for what answers nothing, `empty` for an empty AUTH line. */
function answers(text: string): string[] {
  return text.split(',').map((pair) => {
    const [, code, request] = /^\s*(\d+) (.*?)\s*$/s.exec(pair) as RegExpExecArray;
    return `${code} <- ${request === '-' ? '(nothing)' : request === 'empty' ? 'auth ' : request}`;
  });
}

/** The greeting and an EHLO with these keywords. */
function hello(...keywords: string[]): string {
  const replies = ['mx.example', ...keywords].map((word, i) => `S: 250${i === keywords.length ? ' ' : '-'}${word}`);
  return ['S: 220 mx.example ESMTP', 'C: EHLO client.example', ...replies].join('\n');
}

const LMTP = `
      S: 220 store.example LMTP
      C: LHLO mx.example
      S: 250-store.example
      S: 250-PIPELINING
      S: 250 CHUNKING`;
const MAIL = `
      C: MAIL FROM:<a@client.example>
      S: 250 2.1.0 Ok`;
const RCPT = `
      C: RCPT TO:<b@mx.example>
      S: 250 2.1.5 Ok`;
const MESSAGE = `
      C: DATA
      S: 354 go on
      C: Subject: s
      C:
      C: .
      S: 250 2.0.0 queued`;
const QUIT = `
      C: QUIT
      S: 221 2.0.0 bye`;
const MESSAGES: readonly string[] = ['Subject: s\r\n\r\n'];

export const CORNERS: readonly Fixture[] = [
  {
    name: 'a code that changes inside the list of extensions: the last line counts (RFC 5321 §4.2.1)',
    close: 'server',
    text: `
      S: 220 mx.example ESMTP
      C: EHLO client.example
      S: 250-mx.example
      S: 250-SIZE
      S: 421 4.3.2 going down`,
    answers: answers('220 -, 421 EHLO'),
    outcome: 'deferred',
  },
  {
    name: 'a greeting that goes on as the reply to EHLO: one reply, up to the line without a hyphen',
    text: `
      S: 220-mx.example ESMTP
      S: 250-mx.example
      S: 250 SIZE
      C: EHLO client.example
      S: 250 mx.example
      ${QUIT}`,
    answers: answers('250 -, 250 EHLO, 221 QUIT'),
    outcome: 'idle',
  },
  {
    name: 'a greeting without its last line, where EHLO came early: postscreen answers that',
    pipelined: true,
    text: `
      C: EHLO client.example
      S: 220-mx.example ESMTP Postfix
      S: 250-mx.example
      S: 250-SIZE 10240000
      S: 250 CHUNKING
      ${MAIL}
      C: RCPT TO:<b@mx.example>
      S: 550 5.5.1 Protocol error
      ${QUIT}`,
    answers: answers('220 -, 250 EHLO, 250 MAIL, 550 RCPT, 221 QUIT'),
    outcome: 'rejected',
  },
  {
    name: 'a refusal whose last line takes it back',
    text: `
      ${hello('SIZE')}
      ${MAIL}
      C: RCPT TO:<b@mx.example>
      S: 550-5.1.1 unknown
      S: 250 2.1.5 but taken
      ${MESSAGE}
      ${QUIT}`,
    answers: answers('220 -, 250 EHLO, 250 MAIL, 250 RCPT, 354 DATA, 250 message, 221 QUIT'),
    outcome: 'delivered',
    messages: MESSAGES,
  },
  {
    name: 'AUTH, cancelled, then with an empty response, then in one line (RFC 4954 §4)',
    serverPort: 587,
    text: `
      ${hello('AUTH PLAIN EXTERNAL')}
      C: AUTH PLAIN
      S: 334
      C: *
      S: 501 5.7.0 cancelled
      C: AUTH EXTERNAL
      S: 334
      C:
      S: 535 5.7.8 no
      C: AUTH EXTERNAL =
      S: 235 2.7.0 welcome
      ${QUIT}`,
    answers: answers('220 -, 250 EHLO, 334 AUTH, 501 auth *, 334 AUTH, 535 empty, 235 AUTH, 221 QUIT'),
    outcome: 'idle',
  },
  {
    name: 'AUTH in the same group as the envelope',
    serverPort: 587,
    pipelined: true,
    text: `
      ${hello('PIPELINING', 'AUTH PLAIN')}
      C: AUTH PLAIN AGFubmEAdGVzdC1vbmx5LXNlY3JldA==
      C: MAIL FROM:<a@client.example> AUTH=a@client.example
      C: RCPT TO:<b@mx.example>
      C: DATA
      S: 235 2.7.0 welcome
      S: 250 2.1.0 Ok
      S: 250 2.1.5 Ok
      S: 354 go on
      C: Subject: s
      C:
      C: .
      S: 250 2.0.0 queued
      ${QUIT}`,
    answers: answers('220 -, 250 EHLO, 235 AUTH, 250 MAIL, 250 RCPT, 354 DATA, 250 message, 221 QUIT'),
    outcome: 'delivered',
    messages: MESSAGES,
  },
  {
    name: 'XOAUTH2: the error as JSON, and the empty answer that it asks for',
    serverPort: 587,
    text: `
      ${hello('AUTH XOAUTH2')}
      C: AUTH XOAUTH2 dXNlcj1hbm5hAWF1dGg9QmVhcmVyIHQBAQ==
      S: 334 eyJzdGF0dXMiOiI0MDEifQ==
      C:
      S: 535 5.7.8 no
      ${QUIT}`,
    answers: answers('220 -, 250 EHLO, 334 AUTH, 535 empty, 221 QUIT'),
    outcome: 'authentication-failed',
  },
  {
    name: 'BDAT refused while the chunk is under way (RFC 3030 §2)',
    text: `
      ${hello('CHUNKING')}
      ${MAIL}
      ${RCPT}
      C: BDAT 21 LAST
      C: Subject: s
      S: 552 5.3.4 too big
      C:
      C: 1234567\\-
      C: RSET
      S: 250 2.0.0 Ok
      ${QUIT}`,
    answers: answers('220 -, 250 EHLO, 250 MAIL, 250 RCPT, 552 BDAT, 250 RSET, 221 QUIT'),
    outcome: 'rejected',
    messages: ['Subject: s\r\n\r\n1234567'],
  },
  {
    name: 'BDAT that does not say how much: what follows is commands',
    text: `
      ${hello('CHUNKING')}
      ${MAIL}
      ${RCPT}
      C: BDAT LAST
      S: 501 5.5.4 how many octets?
      C: BDAT 12 FIRST
      S: 501 5.5.4 LAST or nothing
      C: RSET
      S: 250 2.0.0 Ok
      ${QUIT}`,
    answers: answers('220 -, 250 EHLO, 250 MAIL, 250 RCPT, 501 BDAT, 501 BDAT, 250 RSET, 221 QUIT'),
    outcome: 'rejected',
    messages: [''],
  },
  {
    name: 'LMTP: RSET between the recipients and the next transaction',
    serverPort: 24,
    pipelined: true,
    text: `
      ${LMTP}
      C: MAIL FROM:<a@client.example>
      C: RCPT TO:<b@store.example>
      C: RCPT TO:<c@store.example>
      C: RSET
      C: MAIL FROM:<a@client.example>
      C: RCPT TO:<d@store.example>
      C: DATA
      S: 250 2.1.0 Ok
      S: 250 2.1.5 Ok
      S: 250 2.1.5 Ok
      S: 250 2.0.0 Ok
      S: 250 2.1.0 Ok
      S: 250 2.1.5 Ok
      S: 354 go on
      C: Subject: s
      C:
      C: .
      C: RSET
      C: QUIT
      S: 250 2.0.0 stored
      S: 250 2.0.0 Ok
      S: 221 2.0.0 bye`,
    answers: answers(
      `220 -, 250 LHLO, 250 MAIL, 250 RCPT, 250 RCPT, 250 RSET, 250 MAIL, 250 RCPT, 354 DATA, 250 message, 250 RSET,
       221 QUIT`,
    ),
    outcome: 'delivered',
    messages: MESSAGES,
  },
  {
    name: 'LMTP: one reply for two recipients, and the goodbye is still that of QUIT',
    serverPort: 24,
    text: `
      ${LMTP}
      ${MAIL}
      ${RCPT}
      ${RCPT}
      C: DATA
      S: 354 go on
      C: Subject: s
      C:
      C: .
      S: 451 4.3.0 out of order
      ${QUIT}`,
    answers: answers('220 -, 250 LHLO, 250 MAIL, 250 RCPT, 250 RCPT, 354 DATA, 451 message, 221 QUIT'),
    outcome: 'deferred',
    messages: MESSAGES,
  },
  {
    name: 'LMTP, BDAT LAST with nobody accepted: one reply',
    serverPort: 24,
    text: `
      ${LMTP}
      ${MAIL}
      C: RCPT TO:<nobody@store.example>
      S: 550 5.1.1 no
      C: BDAT 12 LAST
      C: Subject: s
      S: 503 5.5.1 no valid recipients
      ${QUIT}`,
    answers: answers('220 -, 250 LHLO, 250 MAIL, 550 RCPT, 503 BDAT, 221 QUIT'),
    outcome: 'rejected',
    messages: ['Subject: s\r\n'],
  },
  {
    name: 'PRDR: 353, a reply for each recipient, and the last one for the message (Exim)',
    pipelined: true,
    text: `
      ${hello('PIPELINING', 'PRDR')}
      C: MAIL FROM:<a@client.example> PRDR
      C: RCPT TO:<b@mx.example>
      C: RCPT TO:<nobody@mx.example>
      C: RCPT TO:<c@mx.example>
      C: DATA
      S: 250 OK, PRDR Requested
      S: 250 Accepted
      S: 550 no such user
      S: 250 Accepted
      S: 354 Enter message, ending with "." on a line by itself
      C: Subject: s
      C:
      C: .
      C: QUIT
      S: 353 PRDR content analysis beginning
      S: 250 first recipient accepts
      S: 550 second recipient refuses
      S: 250 OK id=1abcde-000000-00
      S: 221 mx.example closing connection`,
    answers: answers(
      `220 -, 250 EHLO, 250 MAIL, 250 RCPT, 550 RCPT, 250 RCPT, 354 DATA, 353 message, 250 message, 550 message,
       250 message, 221 QUIT`,
    ),
    outcome: 'delivered',
    messages: MESSAGES,
  },
  {
    name: 'TURN, agreed to: from here on the two change places (RFC 821)',
    text: `
      ${hello('TURN')}
      C: TURN
      S: 250 your turn
      C: 220 client.example ready
      S: HELO mx.example
      C: 250 client.example
      S: QUIT
      C: 221 bye`,
    answers: answers('220 -, 250 EHLO, 250 TURN, 220 -, 250 HELO, 221 QUIT'),
    outcome: 'idle',
  },
  {
    name: 'ATRN, granted: the provider greets no more, it sends (RFC 2645 §6)',
    text: `
      ${hello('AUTH CRAM-MD5', 'ATRN')}
      C: AUTH CRAM-MD5
      S: 334 MTg5Ni42OTcxNzA5NTJAbXguZXhhbXBsZQ==
      C: Zm9vYmFyLm5ldCBiOTEzYTYwMmM3ZWRhN2E0OTViNGU2ZTczMzRkMzg5MAo=
      S: 235 now authenticated as client.example
      C: ATRN client.example,example.org
      S: 250 OK now reversing the connection
      C: 220 client.example ready to receive email
      S: EHLO mx.example
      C: 250-client.example
      C: 250-PIPELINING
      C: 250 SIZE
      S: MAIL FROM:<a@sender.example>
      C: 250 OK
      S: RCPT TO:<b@client.example>
      C: 250 OK, recipient accepted
      S: RCPT TO:<nobody@client.example>
      C: 550 5.1.1 no such user
      S: DATA
      C: 354 go on
      S: Subject: s
      S:
      S: ..
      S: 250 no reply
      S: .
      C: 250 OK
      S: QUIT
      C: 221 client.example closing connection`,
    answers: answers(
      `220 -, 250 EHLO, 334 AUTH, 235 auth Zm9vYmFyLm5ldCBiOTEzYTYwMmM3ZWRhN2E0OTViNGU2ZTczMzRkMzg5MAo=, 250 ATRN,
       220 -, 250 EHLO, 250 MAIL, 250 RCPT, 550 RCPT, 354 DATA, 250 message, 221 QUIT`,
    ),
    outcome: 'delivered',
    messages: ['Subject: s\r\n\r\n.\r\n250 no reply\r\n'],
  },
  {
    name: 'ATRN, granted, then chunks and a login of the provider',
    text: `
      ${hello('ATRN')}
      C: ATRN
      S: 250 OK now reversing the connection
      C: 220 client.example
      S: EHLO mx.example
      C: 250-client.example
      C: 250-AUTH LOGIN
      C: 250 CHUNKING
      S: AUTH LOGIN
      C: 334 VXNlcm5hbWU6
      S: YW5uYQ==
      C: 334 UGFzc3dvcmQ6
      S: dGVzdC1vbmx5LXNlY3JldA==
      C: 235 welcome
      S: MAIL FROM:<a@sender.example>
      C: 250 OK
      S: RCPT TO:<b@client.example>
      C: 250 OK
      S: BDAT 12
      S: Subject: s
      C: 250 12 octets
      S: BDAT 2 LAST
      S:
      C: 250 OK
      S: QUIT
      C: 221 bye`,
    answers: answers(
      `220 -, 250 EHLO, 250 ATRN, 220 -, 250 EHLO, 334 AUTH, 334 auth YW5uYQ==, 235 auth dGVzdC1vbmx5LXNlY3JldA==,
       250 MAIL, 250 RCPT, 250 BDAT, 250 BDAT, 221 QUIT`,
    ),
    outcome: 'delivered',
    messages: ['Subject: s\r\n\r\n'],
  },
  {
    name: 'ATRN before AUTH, with domains that are not the user’s, and where AUTH is needed (RFC 2645 §4)',
    text: `
      ${hello('ATRN', 'AUTH PLAIN')}
      C: ATRN
      S: 530 5.7.0 who are you?
      C: AUTH PLAIN AGFubmEAdGVzdC1vbmx5LXNlY3JldA==
      S: 235 2.7.0 welcome
      C: ATRN other.example
      S: 450 4.7.0 not yours
      ${QUIT}`,
    answers: answers('220 -, 250 EHLO, 530 ATRN, 235 AUTH, 450 ATRN, 221 QUIT'),
    outcome: 'idle',
  },
  {
    name: 'XCLIENT, refused, then with a login: STARTTLS and AUTH are forgotten, the server greets again',
    text: `
      ${hello('XCLIENT NAME ADDR LOGIN')}
      C: XCLIENT ADDR=192.0.2.44
      S: 550 5.7.0 insufficient authorization
      C: XCLIENT NAME=spike.example LOGIN=anna
      S: 220-mx.example
      S: 220 at your service
      C: HELO spike.example
      S: 250 mx.example
      ${QUIT}`,
    answers: answers('220 -, 250 EHLO, 550 XCLIENT, 220 XCLIENT, 250 HELO, 221 QUIT'),
    outcome: 'idle',
  },
  {
    name: 'X-ANONYMOUSTLS, refused: the rest is in clear',
    text: `
      ${hello('X-ANONYMOUSTLS')}
      C: X-ANONYMOUSTLS
      S: 454 4.7.0 no certificate
      ${MAIL}
      ${RCPT}
      ${MESSAGE}
      ${QUIT}`,
    answers: answers('220 -, 250 EHLO, 454 X-ANONYMOUSTLS, 250 MAIL, 250 RCPT, 354 DATA, 250 message, 221 QUIT'),
    outcome: 'delivered',
    messages: MESSAGES,
  },
  {
    name: 'REQUIRETLS that the server cannot keep (RFC 8689)',
    text: `
      ${hello('REQUIRETLS')}
      C: MAIL FROM:<a@client.example> REQUIRETLS
      S: 250 2.1.0 Ok
      C: RCPT TO:<b@mx.example>
      S: 550 5.7.30 REQUIRETLS support required
      ${QUIT}`,
    answers: answers('220 -, 250 EHLO, 250 MAIL, 550 RCPT, 221 QUIT'),
    outcome: 'rejected',
  },
  {
    name: 'LIMITS: one transaction more than MAILMAX (RFC 9422)',
    text: `
      ${hello('LIMITS MAILMAX=1 RCPTMAX=1 RCPTDOMAINMAX=1')}
      ${MAIL}
      ${RCPT}
      ${MESSAGE}
      C: MAIL FROM:<a@client.example>
      S: 451 4.5.3 too many messages
      ${QUIT}`,
    answers: answers('220 -, 250 EHLO, 250 MAIL, 250 RCPT, 354 DATA, 250 message, 451 MAIL, 221 QUIT'),
    outcome: 'partly-delivered',
    messages: MESSAGES,
  },
  {
    name: 'UTF-8 in replies: VRFY and EXPN with SMTPUTF8 (RFC 6531 §3.7.4)',
    text: `
      ${hello('SMTPUTF8', 'VRFY', 'EXPN')}
      C: VRFY j\\xc3\\xb6rg SMTPUTF8
      S: 250 J\\xc3\\xb6rg <j\\xc3\\xb6rg@mx.example>
      C: EXPN gr\\xc3\\xbc\\xc3\\x9fe SMTPUTF8
      S: 250-<j\\xc3\\xb6rg@mx.example>
      S: 250 <\\xe9\\x83\\xb5\\xe4\\xbb\\xb6@mx.example>
      ${QUIT}`,
    answers: answers('220 -, 250 EHLO, 250 VRFY, 250 EXPN, 221 QUIT'),
    outcome: 'idle',
  },
  {
    name: 'UTF8SMTP and ALT-ADDRESS, the experiment before SMTPUTF8 (RFC 5336)',
    text: `
      ${hello('8BITMIME', 'UTF8SMTP')}
      C: MAIL FROM:<\\xc3\\xa4@client.example> ALT-ADDRESS=a@client.example
      S: 250 2.1.0 Ok
      C: RCPT TO:<\\xc3\\xbc@mx.example> ALT-ADDRESS=b@mx.example
      S: 250 2.1.5 Ok
      C: VRFY \\xc3\\xbc UTF8REPLY
      S: 252 2.5.2 perhaps \\xc3\\xbc
      ${MESSAGE}
      ${QUIT}`,
    answers: answers('220 -, 250 EHLO, 250 MAIL, 250 RCPT, 252 VRFY, 354 DATA, 250 message, 221 QUIT'),
    outcome: 'delivered',
    messages: MESSAGES,
  },
  {
    name: 'NO-SOLICITING: a class that the server does not take (RFC 3865)',
    text: `
      ${hello('NO-SOLICITING net.example:ADV')}
      C: MAIL FROM:<a@client.example> SOLICIT=net.example:ADV,org.example:ADV:ADLT
      S: 250 2.1.0 Ok
      C: RCPT TO:<b@mx.example>
      S: 550 5.7.1 SOLICIT=net.example:ADV not wanted
      ${QUIT}`,
    answers: answers('220 -, 250 EHLO, 250 MAIL, 550 RCPT, 221 QUIT'),
    outcome: 'rejected',
  },
  {
    name: 'MTRK: a message that can be tracked, and a timeout that is none (RFC 3885)',
    text: `
      ${hello('DSN', 'MTRK')}
      C: MAIL FROM:<a@client.example> MTRK=xn6c8ALUSxMLpQ4zIZQ0:soon ENVID=QQ314159
      S: 501 5.5.4 bad timeout
      C: MAIL FROM:<a@client.example> MTRK=xn6c8ALUSxMLpQ4zIZQ0:86400 ENVID=QQ314159
      S: 250 2.1.0 Ok
      C: RCPT TO:<b@mx.example> ORCPT=rfc822;b@mx.example
      S: 250 2.1.5 Ok
      ${MESSAGE}
      ${QUIT}`,
    answers: answers('220 -, 250 EHLO, 501 MAIL, 250 MAIL, 250 RCPT, 354 DATA, 250 message, 221 QUIT'),
    outcome: 'partly-delivered',
    messages: MESSAGES,
  },
  {
    name: 'the codes of failed authentication of the mail itself, after the dot (RFC 7372)',
    text: `
      ${hello('ENHANCEDSTATUSCODES')}
      ${MAIL}
      ${RCPT}
      C: DATA
      S: 354 go on
      C: Subject: s
      C:
      C: .
      S: 550-5.7.26 Multiple authentication checks failed
      S: 550 5.7.26 SPF and DKIM
      ${QUIT}`,
    answers: answers('220 -, 250 EHLO, 250 MAIL, 250 RCPT, 354 DATA, 550 message, 221 QUIT'),
    outcome: 'rejected',
    messages: MESSAGES,
  },
];
