/**
 * Dialogues of each extension, and of the servers and clients of the world as they really speak. Read with dialogues.ts,
 * which says what a fixture is.
 */
import type { Fixture } from './dialogues.ts';

/** `250 EHLO, 354 DATA` as the answers of a fixture; `-` for what answers nothing. */
function answers(text: string): string[] {
  return text.split(',').map((pair) => {
    const [, code, request] = /^\s*(\d+) (.*?)\s*$/s.exec(pair) as RegExpExecArray;
    return `${code} <- ${request === '-' ? '(nothing)' : request}`;
  });
}

/** The greeting and an EHLO with these keywords. */
function hello(...keywords: string[]): string {
  const replies = ['mx.example', ...keywords].map((word, i) => `S: 250${i === keywords.length ? ' ' : '-'}${word}`);
  return ['S: 220 mx.example ESMTP', 'C: EHLO client.example', ...replies].join('\n');
}

/** A BDAT command with its chunk, which is given in the escapes of a dialogue. */
function bdat(chunk: string, last = ''): string {
  const length = chunk.replace(/\\x../g, '.').length;
  return `C: BDAT ${length}${last}\nC: ${chunk}\\-`;
}

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

export const EXTENSIONS: readonly Fixture[] = [
  {
    name: 'SIZE, too large as declared (RFC 1870)',
    text: `
      ${hello('SIZE 1000')}
      C: MAIL FROM:<a@client.example> SIZE=2000
      S: 552 5.3.4 Message size exceeds fixed limit
      ${QUIT}`,
    answers: answers('220 -, 250 EHLO, 552 MAIL, 221 QUIT'),
    outcome: 'rejected',
  },
  {
    name: 'SIZE, too large after the end of data',
    text: `
      ${hello('SIZE')}
      ${MAIL}
      ${RCPT}
      C: DATA
      S: 354 go on
      C: Subject: s
      C:
      C: .
      S: 552 5.3.4 Message too big
      ${QUIT}`,
    answers: answers('220 -, 250 EHLO, 250 MAIL, 250 RCPT, 354 DATA, 552 message, 221 QUIT'),
    outcome: 'rejected',
    messages: MESSAGES,
  },
  {
    name: 'ETRN with every answer it has (RFC 1985)',
    text: `
      ${hello('ETRN')}
      C: ETRN client.example
      S: 250 2.0.0 OK, queuing for node client.example started
      C: ETRN none.example
      S: 251 2.0.0 OK, no messages waiting for node none.example
      C: ETRN waiting.example
      S: 252 OK, pending messages for node waiting.example started
      C: ETRN counted.example
      S: 253 OK, 14 pending messages for node counted.example started
      C: ETRN @refused.example
      S: 458 Unable to queue messages for node @refused.example
      C: ETRN #unknown
      S: 459 Node #unknown not allowed: queue unknown
      ${QUIT}`,
    answers: answers('220 -, 250 EHLO, 250 ETRN, 251 ETRN, 252 ETRN, 253 ETRN, 458 ETRN, 459 ETRN, 221 QUIT'),
    outcome: 'idle',
  },
  {
    name: 'ENHANCEDSTATUSCODES in replies of several lines (RFC 2034)',
    text: `
      ${hello('ENHANCEDSTATUSCODES')}
      ${MAIL}
      C: RCPT TO:<b@mx.example>
      S: 550-5.1.1 The mailbox
      S: 550-5.1.1 does not
      S: 550 5.1.1 exist
      C: RSET
      S: 250 2.0.0 Flushed
      ${QUIT}`,
    answers: answers('220 -, 250 EHLO, 250 MAIL, 550 RCPT, 250 RSET, 221 QUIT'),
    outcome: 'rejected',
  },
  {
    name: 'DELIVERBY, by a time and with trace (RFC 2852)',
    text: `
      ${hello('DELIVERBY 240')}
      C: MAIL FROM:<a@client.example> BY=120;RT
      S: 501 5.5.4 time is too short
      C: MAIL FROM:<a@client.example> BY=-3;NT
      S: 250 2.1.0 Ok
      ${RCPT}
      ${MESSAGE}
      ${QUIT}`,
    answers: answers('220 -, 250 EHLO, 501 MAIL, 250 MAIL, 250 RCPT, 354 DATA, 250 message, 221 QUIT'),
    outcome: 'partly-delivered',
    messages: MESSAGES,
  },
  {
    name: 'PIPELINING, the whole session in two groups (RFC 2920)',
    pipelined: true,
    text: `
      ${hello('PIPELINING')}
      C: MAIL FROM:<a@client.example>
      C: RCPT TO:<b@mx.example>
      C: DATA
      S: 250 2.1.0 Ok
      S: 250 2.1.5 Ok
      S: 354 go on
      C: Subject: s
      C:
      C: .
      C: RSET
      C: MAIL FROM:<a@client.example>
      C: RCPT TO:<c@mx.example>
      C: DATA
      S: 250 2.0.0 queued
      S: 250 2.0.0 Ok
      S: 250 2.1.0 Ok
      S: 550 5.1.1 no
      S: 503 5.5.1 no valid recipients
      ${QUIT}`,
    answers: answers(
      `220 -, 250 EHLO, 250 MAIL, 250 RCPT, 354 DATA, 250 message, 250 RSET, 250 MAIL, 550 RCPT, 503 DATA, 221 QUIT`,
    ),
    outcome: 'partly-delivered',
    messages: MESSAGES,
  },
  {
    name: 'PIPELINING, DATA accepted although every recipient was refused: an empty message',
    pipelined: true,
    text: `
      ${hello('PIPELINING')}
      C: MAIL FROM:<a@client.example>
      C: RCPT TO:<b@mx.example>
      C: DATA
      S: 250 2.1.0 Ok
      S: 550 5.1.1 no
      S: 354 go on
      C: .
      C: QUIT
      S: 554 5.5.1 no valid recipients
      S: 221 2.0.0 bye`,
    answers: answers('220 -, 250 EHLO, 250 MAIL, 550 RCPT, 354 DATA, 554 message, 221 QUIT'),
    outcome: 'rejected',
    messages: [''],
  },
  {
    name: 'pipelining before the greeting, of what must not be pipelined',
    pipelined: true,
    text: `
      C: EHLO client.example
      C: MAIL FROM:<a@client.example>
      C: RCPT TO:<b@mx.example>
      C: DATA
      S: 220 mx.example ESMTP
      S: 250-mx.example
      S: 250 8BITMIME
      S: 250 2.1.0 Ok
      S: 250 2.1.5 Ok
      S: 354 go on
      C: Subject: s
      C:
      C: .
      C: QUIT
      S: 250 2.0.0 queued
      S: 221 2.0.0 bye`,
    answers: answers('220 -, 250 EHLO, 250 MAIL, 250 RCPT, 354 DATA, 250 message, 221 QUIT'),
    outcome: 'delivered',
    messages: MESSAGES,
  },
  {
    name: 'the message behind DATA at once, without waiting for 354',
    pipelined: true,
    text: `
      ${hello('PIPELINING')}
      ${MAIL}
      ${RCPT}
      C: DATA
      C: Subject: s
      C:
      C: .
      C: QUIT
      S: 354 go on
      S: 250 2.0.0 queued
      S: 221 2.0.0 bye`,
    answers: answers('220 -, 250 EHLO, 250 MAIL, 250 RCPT, 354 DATA, 250 message, 221 QUIT'),
    outcome: 'delivered',
    messages: MESSAGES,
  },
  {
    name: 'the message behind DATA at once, and DATA is refused: its lines are commands to the server',
    pipelined: true,
    text: `
      ${hello('PIPELINING')}
      ${MAIL}
      C: RCPT TO:<b@mx.example>
      S: 550 5.1.1 no
      C: DATA
      C: Subject: s
      C: .
      C: QUIT
      S: 503 5.5.1 no valid recipients
      S: 500 5.5.2 what
      S: 500 5.5.2 what
      S: 221 2.0.0 bye`,
    answers: answers('220 -, 250 EHLO, 250 MAIL, 550 RCPT, 503 DATA, 500 SUBJECT:, 500 ., 221 QUIT'),
    outcome: 'rejected',
  },
  {
    name: 'CHUNKING: a dot on a line ends nothing, and QUIT is under way with the last chunk (RFC 3030)',
    pipelined: true,
    text: `
      ${hello('PIPELINING', 'CHUNKING')}
      C: MAIL FROM:<a@client.example>
      C: RCPT TO:<b@mx.example>
      ${bdat('a: b\\x0d\\x0a\\x0d\\x0a.\\x0d\\x0a..x\\x0d\\x0a', ' LAST')}
      C: QUIT
      S: 250 2.1.0 Ok
      S: 250 2.1.5 Ok
      S: 250 2.0.0 16 octets
      S: 221 2.0.0 bye`,
    answers: answers('220 -, 250 EHLO, 250 MAIL, 250 RCPT, 250 BDAT, 221 QUIT'),
    outcome: 'delivered',
    messages: ['a: b\r\n\r\n.\r\n..x\r\n'],
  },
  {
    name: 'CHUNKING and BINARYMIME: octets of every kind, three chunks at once, the last of them empty',
    pipelined: true,
    text: `
      ${hello('PIPELINING', 'CHUNKING', 'BINARYMIME')}
      C: MAIL FROM:<a@client.example> BODY=BINARYMIME
      C: RCPT TO:<b@mx.example>
      ${bdat('a: b\\x0d\\x0a\\x0d')}
      ${bdat('\\x0a\\x00\\x0aQUIT\\x0d\\x0a\\x0d\\x0a.\\x0d\\x0a\\xff\\x0d')}
      C: BDAT 0 LAST
      S: 250 2.1.0 Ok
      S: 250 2.1.5 Ok
      S: 250 2.0.0 7 octets
      S: 250 2.0.0 17 octets
      S: 250 2.0.0 queued
      ${QUIT}`,
    answers: answers('220 -, 250 EHLO, 250 MAIL, 250 RCPT, 250 BDAT, 250 BDAT, 250 BDAT, 221 QUIT'),
    outcome: 'delivered',
    messages: ['a: b\r\n\r\n\0\nQUIT\r\n\r\n.\r\nÿ\r'],
  },
  {
    name: 'CHUNKING, the first of two chunks refused and the second already under way',
    pipelined: true,
    text: `
      ${hello('PIPELINING', 'CHUNKING')}
      ${MAIL}
      ${RCPT}
      ${bdat('a: b\\x0d\\x0a')}
      ${bdat('\\x0d\\x0a', ' LAST')}
      S: 452 4.3.1 no room
      S: 503 5.5.1 no transaction
      C: RSET
      S: 250 2.0.0 Ok
      ${QUIT}`,
    answers: answers('220 -, 250 EHLO, 250 MAIL, 250 RCPT, 452 BDAT, 503 BDAT, 250 RSET, 221 QUIT'),
    outcome: 'deferred',
    messages: ['a: b\r\n\r\n'],
  },
  {
    name: 'DSN: RET, ENVID, NOTIFY, ORCPT (RFC 3461)',
    text: `
      ${hello('DSN')}
      C: MAIL FROM:<a@client.example> RET=HDRS ENVID=QQ314159
      S: 250 2.1.0 Ok
      C: RCPT TO:<b@mx.example> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;b+2Bc@mx.example
      S: 250 2.1.5 Ok
      C: RCPT TO:<c@mx.example> NOTIFY=NEVER,FAILURE
      S: 501 5.5.4 NEVER stands alone
      ${MESSAGE}
      ${QUIT}`,
    answers: answers('220 -, 250 EHLO, 250 MAIL, 250 RCPT, 501 RCPT, 354 DATA, 250 message, 221 QUIT'),
    outcome: 'delivered',
    messages: MESSAGES,
  },
  {
    name: 'FUTURERELEASE: HOLDFOR beyond what is offered, then HOLDUNTIL (RFC 4865)',
    serverPort: 587,
    text: `
      ${hello('FUTURERELEASE 86400 2027-01-01T00:00:00Z')}
      C: MAIL FROM:<a@client.example> HOLDFOR=90000
      S: 501 5.5.4 longer than 86400
      C: MAIL FROM:<a@client.example> HOLDUNTIL=2026-12-01T00:00:00Z
      S: 250 2.1.0 Ok
      ${RCPT}
      ${MESSAGE}
      ${QUIT}`,
    answers: answers('220 -, 250 EHLO, 501 MAIL, 250 MAIL, 250 RCPT, 354 DATA, 250 message, 221 QUIT'),
    outcome: 'partly-delivered',
    messages: MESSAGES,
  },
  {
    name: 'SMTPUTF8 and 8BITMIME: UTF-8 in paths, header and body (RFC 6531, RFC 6152)',
    text: `
      ${hello('8BITMIME', 'SMTPUTF8')}
      C: MAIL FROM:<\\xc3\\xa4@client.example> BODY=8BITMIME SMTPUTF8
      S: 250 2.1.0 Ok
      C: RCPT TO:<\\xe9\\x83\\xb5\\xe4\\xbb\\xb6@mx.example>
      S: 250 2.1.5 Ok
      C: VRFY b SMTPUTF8
      S: 252 2.5.0 perhaps
      C: DATA
      S: 354 go on
      C: Subject: \\xc3\\xa4
      C:
      C: .\\xc3\\xa4
      C: .
      S: 250 2.0.0 queued
      ${QUIT}`,
    answers: answers('220 -, 250 EHLO, 250 MAIL, 250 RCPT, 252 VRFY, 354 DATA, 250 message, 221 QUIT'),
    outcome: 'delivered',
    messages: ['Subject: ä\r\n\r\nä\r\n'],
  },
  {
    name: 'SMTPUTF8 missing: 553 for an address, 550 5.6.7 for the message',
    text: `
      ${hello('8BITMIME')}
      ${MAIL}
      C: RCPT TO:<\\xc3\\xa4@mx.example>
      S: 553 5.6.7 internationalized addresses need SMTPUTF8
      ${QUIT}`,
    answers: answers('220 -, 250 EHLO, 250 MAIL, 553 RCPT, 221 QUIT'),
    outcome: 'rejected',
  },
  {
    name: 'MT-PRIORITY, RRVS, REQUIRETLS, LIMITS in one transaction (RFC 6710, 7293, 8689, 9422)',
    text: `
      ${hello('MT-PRIORITY STANAG4406', 'RRVS', 'REQUIRETLS', 'LIMITS MAILMAX=2 RCPTMAX=1')}
      C: MAIL FROM:<a@client.example> MT-PRIORITY=3 REQUIRETLS
      S: 250 X.3.6 3 is the new priority
      C: RCPT TO:<b@mx.example> RRVS=2026-04-03T23:01:00Z;C
      S: 250 2.1.5 Ok
      C: RCPT TO:<c@mx.example>
      S: 452 4.5.3 too many recipients
      ${MESSAGE}
      ${QUIT}`,
    answers: answers('220 -, 250 EHLO, 250 MAIL, 250 RCPT, 452 RCPT, 354 DATA, 250 message, 221 QUIT'),
    outcome: 'delivered',
    messages: MESSAGES,
  },
  {
    name: 'RRVS: the mailbox has a new owner',
    text: `
      ${hello('RRVS')}
      ${MAIL}
      C: RCPT TO:<b@mx.example> RRVS=2014-04-03T23:01:00Z
      S: 550 5.7.17 mailbox owner has changed
      ${QUIT}`,
    answers: answers('220 -, 250 EHLO, 250 MAIL, 550 RCPT, 221 QUIT'),
    outcome: 'rejected',
  },
  {
    name: 'a null MX of the sender and of the recipient (RFC 7504, RFC 7505)',
    text: `
      ${hello('ENHANCEDSTATUSCODES')}
      C: MAIL FROM:<a@nomail.example>
      S: 550 5.7.27 sender address has null MX
      C: MAIL FROM:<a@client.example>
      S: 250 2.1.0 Ok
      C: RCPT TO:<b@nomail.example>
      S: 556 5.1.10 recipient address has null MX
      ${QUIT}`,
    answers: answers('220 -, 250 EHLO, 550 MAIL, 250 MAIL, 556 RCPT, 221 QUIT'),
    outcome: 'rejected',
  },
  {
    name: 'a host that takes no mail at all (RFC 7504)',
    text: `
      S: 521 mx.example does not accept mail
      C: QUIT
      S: 221 bye`,
    answers: answers('521 -, 221 QUIT'),
    outcome: 'rejected',
  },
  {
    name: 'BURL with the last of the message (RFC 4468)',
    serverPort: 587,
    text: `
      ${hello('BURL imap', 'CHUNKING')}
      ${MAIL}
      ${RCPT}
      C: BURL imap://a@imap.example/Sent;UIDVALIDITY=1/;uid=2;urlauth=submit+a:internal:91354a473744909de610943775f92038 LAST
      S: 250 2.5.0 Ok
      ${QUIT}`,
    answers: answers('220 -, 250 EHLO, 250 MAIL, 250 RCPT, 250 BURL, 221 QUIT'),
    outcome: 'delivered',
    messages: [''],
  },
  {
    name: 'BURL behind a chunk, refused',
    serverPort: 587,
    text: `
      ${hello('BURL imap', 'CHUNKING')}
      ${MAIL}
      ${RCPT}
      ${bdat('a: b\\x0d\\x0a\\x0d\\x0a')}
      S: 250 2.0.0 8 octets
      C: BURL imap://a@imap.example/Sent;uid=2;urlauth=submit+a:internal:91354a47 LAST
      S: 554 5.6.6 the IMAP server did not hand it out
      ${QUIT}`,
    answers: answers('220 -, 250 EHLO, 250 MAIL, 250 RCPT, 250 BDAT, 554 BURL, 221 QUIT'),
    outcome: 'rejected',
    messages: ['a: b\r\n\r\n'],
  },
  {
    name: 'ATRN: from here on the two change places (RFC 2645)',
    text: `
      ${hello('ATRN', 'AUTH CRAM-MD5')}
      C: ATRN client.example,other.example
      S: 250 2.0.0 now reversing the connection
      C: 220 client.example ready to receive
      S: EHLO mx.example
      C: 250-client.example
      C: 250 PIPELINING
      S: MAIL FROM:<a@elsewhere.example>
      C: 250 2.1.0 Ok
      S: RCPT TO:<b@client.example>
      C: 250 2.1.5 Ok
      S: DATA
      C: 354 go on
      S: Subject: s
      S: .
      C: 250 2.0.0 queued
      S: QUIT
      C: 221 2.0.0 bye`,
    answers: answers(`220 -, 250 EHLO, 250 ATRN, 220 -, 250 EHLO, 250 MAIL, 250 RCPT, 354 DATA, 250 message, 221 QUIT`),
    outcome: 'delivered',
    messages: ['Subject: s\r\n'],
  },
  {
    name: 'ATRN without mail, TURN refused',
    text: `
      ${hello('ATRN', 'TURN')}
      C: ATRN client.example
      S: 453 4.0.0 you have no mail
      C: TURN
      S: 502 5.5.1 refused
      ${QUIT}`,
    answers: answers('220 -, 250 EHLO, 453 ATRN, 502 TURN, 221 QUIT'),
    outcome: 'idle',
  },
  {
    name: 'LMTP, pipelined: as many replies as recipients that were accepted (RFC 2033)',
    serverPort: 24,
    pipelined: true,
    text: `
      S: 220 store.example LMTP
      C: LHLO mx.example
      S: 250-store.example
      S: 250 PIPELINING
      C: MAIL FROM:<a@client.example>
      C: RCPT TO:<b@store.example>
      C: RCPT TO:<nobody@store.example>
      C: RCPT TO:<c@store.example>
      C: DATA
      S: 250 2.1.0 Ok
      S: 250 2.1.5 Ok
      S: 550 5.1.1 no
      S: 250 2.1.5 Ok
      S: 354 go on
      C: Subject: s
      C:
      C: .
      C: QUIT
      S: 250 2.0.0 stored
      S: 452 4.2.2 full
      S: 221 2.0.0 bye`,
    answers: answers(
      '220 -, 250 LHLO, 250 MAIL, 250 RCPT, 550 RCPT, 250 RCPT, 354 DATA, 250 message, 452 message, 221 QUIT',
    ),
    outcome: 'partly-delivered',
    messages: MESSAGES,
  },
  {
    name: 'LMTP with CHUNKING: the last chunk has a reply for each recipient',
    serverPort: 24,
    text: `
      S: 220 store.example LMTP
      C: LHLO mx.example
      S: 250-store.example
      S: 250 CHUNKING
      ${MAIL}
      ${RCPT}
      ${RCPT}
      ${bdat('a: b\\x0d\\x0a')}
      S: 250 2.0.0 6 octets
      ${bdat('\\x0d\\x0a', ' LAST')}
      S: 250 2.0.0 stored
      S: 250 2.0.0 stored
      ${QUIT}`,
    answers: answers('220 -, 250 LHLO, 250 MAIL, 250 RCPT, 250 RCPT, 250 BDAT, 250 BDAT, 250 BDAT, 221 QUIT'),
    outcome: 'delivered',
    messages: ['a: b\r\n\r\n'],
  },
  {
    name: 'LMTP, no recipient accepted, DATA refused',
    serverPort: 24,
    text: `
      S: 220 store.example LMTP
      C: LHLO mx.example
      S: 250 store.example
      ${MAIL}
      C: RCPT TO:<nobody@store.example>
      S: 550 5.1.1 no
      C: DATA
      S: 503 5.5.1 no valid recipients
      ${QUIT}`,
    answers: answers('220 -, 250 LHLO, 250 MAIL, 550 RCPT, 503 DATA, 221 QUIT'),
    outcome: 'rejected',
  },
  {
    name: 'XCLIENT: the server greets anew; XFORWARD: it does not',
    text: `
      ${hello('XCLIENT NAME ADDR PROTO HELO LOGIN DESTADDR DESTPORT', 'XFORWARD NAME ADDR PROTO HELO SOURCE PORT IDENT')}
      C: XCLIENT NAME=spike.example ADDR=192.0.2.44 LOGIN=[UNAVAILABLE]
      S: 220 mx.example ESMTP
      C: EHLO spike.example
      S: 250-mx.example
      S: 250 XFORWARD NAME ADDR PROTO HELO SOURCE PORT IDENT
      C: XFORWARD NAME=spike.example ADDR=192.0.2.44 PROTO=ESMTP
      S: 250 2.0.0 Ok
      C: XFORWARD HELO=spike.example IDENT=4ABC
      S: 250 2.0.0 Ok
      ${MAIL}
      ${RCPT}
      ${MESSAGE}
      ${QUIT}`,
    answers: answers(
      `220 -, 250 EHLO, 220 XCLIENT, 250 EHLO, 250 XFORWARD, 250 XFORWARD, 250 MAIL, 250 RCPT, 354 DATA, 250 message,
       221 QUIT`,
    ),
    outcome: 'delivered',
    messages: MESSAGES,
  },
  {
    name: 'XEXCH50: a blob of so many octets, whatever they look like',
    text: `
      ${hello('XEXCH50')}
      ${MAIL}
      ${RCPT}
      C: XEXCH50 23 2
      S: 354 Send binary data
      C: QUIT\\x0d\\x0a.\\x0d\\x0a\\x00\\xffMAIL FROM\\x0a\\x3a\\x0d\\-
      S: 250 XEXCH50 OK
      ${MESSAGE}
      ${QUIT}`,
    answers: answers('220 -, 250 EHLO, 250 MAIL, 250 RCPT, 354 XEXCH50, 250 XEXCH50, 354 DATA, 250 message, 221 QUIT'),
    outcome: 'delivered',
    messages: MESSAGES,
  },
  {
    name: 'XEXCH50, refused: what comes next is a command',
    text: `
      ${hello('XEXCH50')}
      ${MAIL}
      ${RCPT}
      C: XEXCH50 23 2
      S: 504 Need to authenticate first
      ${MESSAGE}
      ${QUIT}`,
    answers: answers('220 -, 250 EHLO, 250 MAIL, 250 RCPT, 504 XEXCH50, 354 DATA, 250 message, 221 QUIT'),
    outcome: 'delivered',
    messages: MESSAGES,
  },
  {
    name: 'X-ANONYMOUSTLS, then records',
    text: `
      ${hello('X-ANONYMOUSTLS', 'X-EXPS GSSAPI NTLM')}
      C: X-ANONYMOUSTLS
      S: 220 2.0.0 SMTP server ready
      C: \\x17\\x03\\x03\\x00\\x08QUIT\\x0d\\x0a\\x0d\\x0a\\-
      S: \\x17\\x03\\x03\\x00\\x08250 ok\\x0d\\x0a\\-
      C: \\x17\\x03\\x03\\x00\\x03\\x00\\x0d\\x0a\\-`,
    answers: answers('220 -, 250 EHLO, 220 X-ANONYMOUSTLS'),
    outcome: 'encrypted',
  },
  {
    name: 'X-EXPS, the AUTH that Exchange servers use among themselves',
    text: `
      ${hello('X-EXPS GSSAPI NTLM')}
      C: X-EXPS NTLM
      S: 334 NTLM supported
      C: TlRMTVNTUAABAAAABoIIAAAAAAAAAAAAAAAAAAAAAAA=
      S: 334 TlRMTVNTUAACAAAAAAAAADgAAAACgokC
      C: TlRMTVNTUAADAAAAAAAAAAAA
      S: 235 <client.example> authentication succeeded
      ${MAIL}
      ${RCPT}
      ${MESSAGE}
      ${QUIT}`,
    answers: answers(
      `220 -, 250 EHLO, 334 X-EXPS, 334 auth TlRMTVNTUAABAAAABoIIAAAAAAAAAAAAAAAAAAAAAAA=,
       235 auth TlRMTVNTUAADAAAAAAAAAAAA, 250 MAIL, 250 RCPT, 354 DATA, 250 message, 221 QUIT`,
    ),
    outcome: 'delivered',
    messages: MESSAGES,
  },
  {
    name: 'Exchange in clear',
    text: `
      S: 220 EXCH01.corp.example Microsoft ESMTP MAIL Service ready at Tue, 24 Nov 2026 08:00:00 +0000
      C: EHLO client.example
      S: 250-EXCH01.corp.example Hello [192.0.2.7]
      S: 250-SIZE 37748736
      S: 250-PIPELINING
      S: 250-DSN
      S: 250-ENHANCEDSTATUSCODES
      S: 250-STARTTLS
      S: 250-X-ANONYMOUSTLS
      S: 250-AUTH NTLM
      S: 250-X-EXPS GSSAPI NTLM
      S: 250-8BITMIME
      S: 250-BINARYMIME
      S: 250-CHUNKING
      S: 250-XRDST
      S: 250 XEXCH50
      C: MAIL FROM:<a@client.example> SIZE=100
      S: 250 2.1.0 Sender OK
      C: RCPT TO:<b@corp.example>
      S: 250 2.1.5 Recipient OK
      ${bdat('a: b\\x0d\\x0a\\x0d\\x0a', ' LAST')}
      S: 250 2.6.0 <1@client.example> [InternalId=4] Queued mail for delivery
      C: QUIT
      S: 221 2.0.0 Service closing transmission channel`,
    answers: answers('220 -, 250 EHLO, 250 MAIL, 250 RCPT, 250 BDAT, 221 QUIT'),
    outcome: 'delivered',
    messages: ['a: b\r\n\r\n'],
  },
  {
    name: 'Exchange, a recipient that is not in the directory, told after the message',
    text: `
      S: 220 EXCH01.corp.example Microsoft ESMTP MAIL Service ready at Tue, 24 Nov 2026 08:00:00 +0000
      C: EHLO client.example
      S: 250 EXCH01.corp.example Hello [192.0.2.7]
      C: MAIL FROM:<a@client.example>
      S: 250 2.1.0 Sender OK
      C: RCPT TO:<b@corp.example>
      S: 250 2.1.5 Recipient OK
      C: DATA
      S: 354 Start mail input; end with <CRLF>.<CRLF>
      C: Subject: s
      C:
      C: .
      S: 550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup
      C: QUIT
      S: 221 2.0.0 Service closing transmission channel`,
    answers: answers('220 -, 250 EHLO, 250 MAIL, 250 RCPT, 354 DATA, 550 message, 221 QUIT'),
    outcome: 'rejected',
    messages: MESSAGES,
  },
  {
    name: 'Gmail, refusing what is not authenticated, in five lines',
    text: `
      S: 220 mx.google.example ESMTP a640c23a62f3a-a6f1b2c3d4si987654366b.12 - gsmtp
      C: EHLO client.example
      S: 250-mx.google.example at your service, [192.0.2.7]
      S: 250-SIZE 157286400
      S: 250-8BITMIME
      S: 250-STARTTLS
      S: 250-ENHANCEDSTATUSCODES
      S: 250-PIPELINING
      S: 250-CHUNKING
      S: 250 SMTPUTF8
      C: MAIL FROM:<a@client.example>
      S: 250 2.1.0 OK a640c23a62f3a-a6f1b2c3d4si987654366b.12 - gsmtp
      C: RCPT TO:<b@google.example>
      S: 250 2.1.5 OK a640c23a62f3a-a6f1b2c3d4si987654366b.12 - gsmtp
      C: DATA
      S: 354 Go ahead a640c23a62f3a-a6f1b2c3d4si987654366b.12 - gsmtp
      C: Subject: s
      C:
      C: .
      S: 550-5.7.26 Your email has been blocked because the sender is unauthenticated.
      S: 550-5.7.26 Authentication results:
      S: 550-5.7.26  DKIM = did not pass
      S: 550-5.7.26  SPF [client.example] with ip: [192.0.2.7] = did not pass
      S: 550 5.7.26 a640c23a62f3a-a6f1b2c3d4si987654366b.12 - gsmtp
      C: QUIT
      S: 221 2.0.0 closing connection a640c23a62f3a-a6f1b2c3d4si987654366b.12 - gsmtp`,
    answers: answers('220 -, 250 EHLO, 250 MAIL, 250 RCPT, 354 DATA, 550 message, 221 QUIT'),
    outcome: 'rejected',
    messages: MESSAGES,
  },
  {
    name: 'Postfix, postscreen: a teaser, then the greeting, and 450 for the new client',
    pipelined: true,
    text: `
      S: 220-mx.example ESMTP Postfix
      S: 220 mx.example ESMTP Postfix
      C: EHLO client.example
      S: 250-mx.example
      S: 250-SIZE 10240000
      S: 250-ETRN
      S: 250-STARTTLS
      S: 250-ENHANCEDSTATUSCODES
      S: 250-8BITMIME
      S: 250-DSN
      S: 250 SMTPUTF8
      C: MAIL FROM:<a@client.example>
      S: 250 2.1.0 Ok
      C: RCPT TO:<b@mx.example>
      S: 450 4.3.2 Service currently unavailable
      C: QUIT
      S: 221 2.0.0 Bye`,
    answers: answers('220 -, 250 EHLO, 250 MAIL, 450 RCPT, 221 QUIT'),
    outcome: 'deferred',
  },
  {
    name: 'Postfix, which gives up after too many errors',
    text: `
      ${hello('VRFY', 'ETRN')}
      C: FOO
      S: 502 5.5.2 Error: command not recognized
      C: GET / HTTP/1.0
      S: 221 2.7.0 Error: I can break rules, too. Goodbye.`,
    answers: answers('220 -, 250 EHLO, 502 FOO, 221 GET'),
    outcome: 'idle',
  },
  {
    name: 'Exim, two recipients',
    text: `
      S: 220 mx.example ESMTP Exim 4.97 Tue, 24 Nov 2026 08:00:00 +0000
      C: EHLO client.example
      S: 250-mx.example Hello client.example [192.0.2.7]
      S: 250-SIZE 52428800
      S: 250-LIMITS MAILMAX=1000 RCPTMAX=50000
      S: 250-8BITMIME
      S: 250-PIPELINING
      S: 250-PIPECONNECT
      S: 250-CHUNKING
      S: 250 HELP
      C: MAIL FROM:<a@client.example>
      S: 250 OK
      C: RCPT TO:<b@mx.example>
      S: 250 Accepted
      C: RCPT TO:<nobody@mx.example>
      S: 550-Verification failed for <nobody@mx.example>
      S: 550-Unrouteable address
      S: 550 Sender verify failed
      C: DATA
      S: 354 Enter message, ending with "." on a line by itself
      C: Subject: s
      C:
      C: .
      S: 250 OK id=1vNabc-000000001Xy-2Abc
      C: QUIT
      S: 221 mx.example closing connection`,
    answers: answers('220 -, 250 EHLO, 250 MAIL, 250 RCPT, 550 RCPT, 354 DATA, 250 message, 221 QUIT'),
    outcome: 'delivered',
    messages: MESSAGES,
  },
  {
    name: 'Exim, which takes what comes before its greeting for a synchronization error',
    pipelined: true,
    text: `
      C: HELO client.example
      S: 554 SMTP synchronization error`,
    answers: answers('554 -'),
    outcome: 'rejected',
  },
  {
    name: 'Sendmail, verbose: what it does is told in lines with 050',
    text: `
      S: 220 mx.example ESMTP Sendmail 8.17.1/8.17.1; Tue, 24 Nov 2026 08:00:00 GMT
      C: EHLO client.example
      S: 250-mx.example Hello client.example [192.0.2.7], pleased to meet you
      S: 250-ENHANCEDSTATUSCODES
      S: 250-VERB
      S: 250 HELP
      C: VERB
      S: 250 2.0.0 Verbose mode
      C: MAIL FROM:<a@client.example>
      S: 250 2.1.0 <a@client.example>... Sender ok
      C: RCPT TO:<b@mx.example>
      S: 250 2.1.5 <b@mx.example>... Recipient ok
      C: DATA
      S: 354 Enter mail, end with "." on a line by itself
      C: Subject: s
      C:
      C: .
      S: 050 <b@mx.example>... Connecting to local...
      S: 050 <b@mx.example>... Sent
      S: 250 2.0.0 4AO8000A012345 Message accepted for delivery
      C: QUIT
      S: 221 2.0.0 mx.example closing connection`,
    answers: answers('220 -, 250 EHLO, 250 VERB, 250 MAIL, 250 RCPT, 354 DATA, 250 message, 221 QUIT'),
    outcome: 'delivered',
    messages: MESSAGES,
  },
  {
    name: 'Sendmail, several lines for HELP and EXPN',
    text: `
      ${hello('EXPN', 'HELP')}
      C: HELP
      S: 214-2.0.0 Topics:
      S: 214-2.0.0    HELO    EHLO    MAIL
      S: 214 2.0.0 End of HELP info
      C: EXPN staff
      S: 250-2.1.5 One <one@mx.example>
      S: 250 2.1.5 Two <two@mx.example>
      C: VRFY postmaster
      S: 252 2.5.2 Cannot VRFY user; try RCPT to attempt delivery (or try finger)
      ${QUIT}`,
    answers: answers('220 -, 250 EHLO, 214 HELP, 250 EXPN, 252 VRFY, 221 QUIT'),
    outcome: 'idle',
  },
  {
    name: 'qmail, and its answer to a bare LF',
    text: `
      S: 220 mx.example ESMTP
      C: EHLO client.example
      S: 250-mx.example
      S: 250-PIPELINING
      S: 250 8BITMIME
      C: MAIL FROM:<a@client.example>
      S: 250 ok
      C: RCPT TO:<b@mx.example>
      S: 250 ok
      C: DATA
      S: 354 go ahead
      C: Subject: s
      C:
      C: a\\x0a\\-
      C: b
      S: 451 See http://pobox.com/~djb/docs/smtplf.html.`,
    answers: answers('220 -, 250 EHLO, 250 MAIL, 250 RCPT, 354 DATA, 451 message'),
    outcome: 'deferred',
    messages: ['Subject: s\r\n\r\na\nb\r\n'],
  },
  {
    name: 'qmail, a delivery, and a verb that it does not know',
    text: `
      S: 220 mx.example ESMTP
      C: HELO client.example
      S: 250 mx.example
      C: ETRN client.example
      S: 502 unimplemented (#5.5.1)
      C: MAIL FROM:<a@client.example>
      S: 250 ok
      C: RCPT TO:<b@mx.example>
      S: 250 ok
      C: DATA
      S: 354 go ahead
      C: Subject: s
      C:
      C: .
      S: 250 ok 1795507200 qp 12345
      C: QUIT
      S: 221 mx.example`,
    answers: answers('220 -, 250 HELO, 502 ETRN, 250 MAIL, 250 RCPT, 354 DATA, 250 message, 221 QUIT'),
    outcome: 'delivered',
    messages: MESSAGES,
  },
  {
    name: 'OpenSMTPD',
    text: `
      S: 220 mx.example ESMTP OpenSMTPD
      C: EHLO client.example
      S: 250-mx.example Hello client.example [192.0.2.7], pleased to meet you
      S: 250-8BITMIME
      S: 250-ENHANCEDSTATUSCODES
      S: 250-SIZE 36700160
      S: 250-DSN
      S: 250 HELP
      C: MAIL FROM:<a@client.example>
      S: 250 2.0.0 Ok
      C: RCPT TO:<b@mx.example>
      S: 250 2.1.5 Destination address valid: Recipient ok
      C: DATA
      S: 354 Enter mail, end with "." on a line by itself
      C: Subject: s
      C:
      C: .
      S: 250 2.0.0 1a2b3c4d Message accepted for delivery
      C: QUIT
      S: 221 2.0.0 Bye`,
    answers: answers('220 -, 250 EHLO, 250 MAIL, 250 RCPT, 354 DATA, 250 message, 221 QUIT'),
    outcome: 'delivered',
    messages: MESSAGES,
  },
  {
    name: 'behind a Cisco inspection: greeting, EHLO and keywords masked',
    text: `
      S: 220 *********************************************0*2****0***
      C: EHLO client.example
      S: 250-mx.example
      S: 250-XXXXXXXA
      S: 250-XXXB
      S: 250 8BITMIME
      C: XXXXXXXX
      S: 500 5.5.1 Command unrecognized: "XXXXXXXX"
      ${MAIL}
      ${RCPT}
      ${MESSAGE}
      ${QUIT}`,
    answers: answers('220 -, 250 EHLO, 500 XXXXXXXX, 250 MAIL, 250 RCPT, 354 DATA, 250 message, 221 QUIT'),
    outcome: 'delivered',
    messages: MESSAGES,
  },
  {
    name: 'a device: line ends of LF, small letters, paths without brackets, a server that takes it all',
    text: `
      S: 220 mx.example ESMTP
      C: helo printer\\x0a\\-
      S: 250 mx.example
      C: mail from: a@client.example\\x0a\\-
      S: 250 Ok
      C: rcpt to: b@mx.example\\x0a\\-
      S: 250 Ok
      C: data\\x0a\\-
      S: 354 go on
      C: Subject: s\\x0a\\x0atext\\x0a.\\x0a\\-
      S: 250 queued
      C: quit\\x0a\\-
      S: 221 bye`,
    answers: answers('220 -, 250 HELO, 250 MAIL, 250 RCPT, 354 DATA, 250 message, 221 QUIT'),
    outcome: 'delivered',
    messages: ['Subject: s\n\ntext\n'],
  },
  {
    name: 'a device: spaces where none belong, an empty line, and no greeting of its own',
    text: `
      S: 220 mx.example SMTP
      C: MAIL FROM : <a@client.example>
      S: 501 5.5.4 Syntax: MAIL FROM:<address>
      C: MAIL FROM:  <a@client.example>
      S: 250 Ok
      C:
      S: 500 5.5.2 Error: bad syntax
      C: RCPT TO:<"b > c"@mx.example>
      S: 250 Ok
      ${MESSAGE}
      ${QUIT}`,
    answers: answers('220 -, 501 MAIL, 250 MAIL, 500 , 250 RCPT, 354 DATA, 250 message, 221 QUIT'),
    outcome: 'partly-delivered',
    messages: MESSAGES,
  },
  {
    name: 'a server that says goodbye on its own',
    close: 'server',
    text: `
      ${hello('SIZE')}
      ${MAIL}
      S: 421 4.4.2 mx.example Error: timeout exceeded`,
    answers: answers('220 -, 250 EHLO, 250 MAIL, 421 -'),
    outcome: 'deferred',
  },
];
