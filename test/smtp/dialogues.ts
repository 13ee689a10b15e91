/** Dialogues that are hard to cut into lines, messages and answers, each with what must come out of it. */
import type { Close } from '../support/segments.ts';

export interface Fixture {
  readonly name: string;
  readonly text: string;
  /** `reply text <- what it answers`, in the order of the replies; `(nothing)` for the greeting. */
  readonly answers: readonly string[];
  readonly outcome: string;
  /** Texts of the messages that reached the server, dot-stuffing undone. */
  readonly messages?: readonly string[];
  /** Lines of one side in a row travel in one segment. */
  readonly pipelined?: boolean;
  readonly serverPort?: number;
  /** Who closes the connection; the client unless told. */
  readonly close?: Close;
}

export const FIXTURES: readonly Fixture[] = [
  {
    name: 'a delivery',
    text: `
      S: 220 mx.example ESMTP
      C: EHLO client.example
      S: 250-mx.example
      S: 250-SIZE 1000000
      S: 250 8BITMIME
      C: MAIL FROM:<a@client.example> SIZE=20
      S: 250 2.1.0 Ok
      C: RCPT TO:<b@mx.example>
      S: 250 2.1.5 Ok
      C: DATA
      S: 354 go on
      C: Subject: one
      C:
      C: text
      C: .
      S: 250 2.0.0 queued
      C: QUIT
      S: 221 bye`,
    answers: [
      '220 <- (nothing)',
      '250 <- EHLO',
      '250 <- MAIL',
      '250 <- RCPT',
      '354 <- DATA',
      '250 <- message',
      '221 <- QUIT',
    ],
    outcome: 'delivered',
    messages: ['Subject: one\r\n\r\ntext\r\n'],
  },
  {
    name: 'pipelined, one recipient refused',
    pipelined: true,
    text: `
      S: 220 mx.example ESMTP
      C: EHLO client.example
      S: 250-mx.example
      S: 250 PIPELINING
      C: MAIL FROM:<a@client.example>
      C: RCPT TO:<b@mx.example>
      C: RCPT TO:<nobody@mx.example>
      C: DATA
      S: 250 2.1.0 Ok
      S: 250 2.1.5 Ok
      S: 550-5.1.1 no such user
      S: 550 5.1.1 here
      S: 354 go on
      C: Subject: two
      C:
      C: .
      C: QUIT
      S: 250 2.0.0 queued
      S: 221 bye`,
    answers: [
      '220 <- (nothing)',
      '250 <- EHLO',
      '250 <- MAIL',
      '250 <- RCPT',
      '550 <- RCPT',
      '354 <- DATA',
      '250 <- message',
      '221 <- QUIT',
    ],
    outcome: 'delivered',
    messages: ['Subject: two\r\n\r\n'],
  },
  {
    name: 'dots in a message, lines that look like commands and its end',
    text: `
      S: 220 mx.example ESMTP
      C: HELO client.example
      S: 250 mx.example
      C: MAIL FROM:<>
      S: 250 Ok
      C: RCPT TO:<b@mx.example>
      S: 250 Ok
      C: DATA
      S: 354 go on
      C: Subject: dots
      C:
      C: ..
      C: ...two
      C: QUIT
      C: a.
      C: .\\x0d\\-
      C: \\x0a\\-
      S: 250 queued
      C: QUIT
      S: 221 bye`,
    answers: [
      '220 <- (nothing)',
      '250 <- HELO',
      '250 <- MAIL',
      '250 <- RCPT',
      '354 <- DATA',
      '250 <- message',
      '221 <- QUIT',
    ],
    outcome: 'delivered',
    messages: ['Subject: dots\r\n\r\n.\r\n..two\r\nQUIT\r\na.\r\n'],
  },
  {
    name: 'BDAT in two chunks, the second the last',
    text: `
      S: 220 mx.example ESMTP
      C: EHLO client.example
      S: 250-mx.example
      S: 250 CHUNKING
      C: MAIL FROM:<a@client.example>
      S: 250 Ok
      C: RCPT TO:<b@mx.example>
      S: 250 Ok
      C: BDAT 16
      C: Subject: c\\x0d\\x0a\\x0d\\x0a.\\x0d\\-
      S: 250 16 bytes
      C: BDAT 9 LAST
      C: \\x0aQUIT\\x0d\\x0a..\\-
      S: 250 queued
      C: QUIT
      S: 221 bye`,
    answers: [
      '220 <- (nothing)',
      '250 <- EHLO',
      '250 <- MAIL',
      '250 <- RCPT',
      '250 <- BDAT',
      '250 <- BDAT',
      '221 <- QUIT',
    ],
    outcome: 'delivered',
    messages: ['Subject: c\r\n\r\n.\r\nQUIT\r\n..'],
  },
  {
    name: 'AUTH PLAIN with its initial response',
    serverPort: 587,
    text: `
      S: 220 mx.example ESMTP
      C: EHLO client.example
      S: 250-mx.example
      S: 250 AUTH PLAIN LOGIN
      C: AUTH PLAIN AHVzZXIAc2VjcmV0
      S: 235 2.7.0 welcome
      C: QUIT
      S: 221 bye`,
    answers: ['220 <- (nothing)', '250 <- EHLO', '235 <- AUTH', '221 <- QUIT'],
    outcome: 'idle',
  },
  {
    name: 'AUTH LOGIN, refused',
    serverPort: 587,
    text: `
      S: 220 mx.example ESMTP
      C: EHLO client.example
      S: 250-mx.example
      S: 250 AUTH PLAIN LOGIN
      C: AUTH LOGIN
      S: 334 VXNlcm5hbWU6
      C: dXNlcg==
      S: 334 UGFzc3dvcmQ6
      C: d3Jvbmc=
      S: 535 5.7.8 no
      C: QUIT
      S: 221 bye`,
    answers: [
      '220 <- (nothing)',
      '250 <- EHLO',
      '334 <- AUTH',
      '334 <- auth dXNlcg==',
      '535 <- auth d3Jvbmc=',
      '221 <- QUIT',
    ],
    outcome: 'authentication-failed',
  },
  {
    name: 'AUTH CRAM-MD5',
    serverPort: 587,
    text: `
      S: 220 mx.example ESMTP
      C: EHLO client.example
      S: 250-mx.example
      S: 250 AUTH CRAM-MD5
      C: AUTH CRAM-MD5
      S: 334 PDE4OTYuNjk3MTcwOTUyQG14LmV4YW1wbGU+
      C: dXNlciBiOTEzYTYwMmM3ZWRhN2E0OTViNGU2ZTczMzRkMzg5MA==
      S: 235 2.7.0 welcome
      C: QUIT
      S: 221 bye`,
    answers: [
      '220 <- (nothing)',
      '250 <- EHLO',
      '334 <- AUTH',
      '235 <- auth dXNlciBiOTEzYTYwMmM3ZWRhN2E0OTViNGU2ZTczMzRkMzg5MA==',
      '221 <- QUIT',
    ],
    outcome: 'idle',
  },
  {
    name: 'STARTTLS, then records',
    serverPort: 587,
    text: `
      S: 220 mx.example ESMTP
      C: EHLO client.example
      S: 250-mx.example
      S: 250 STARTTLS
      C: STARTTLS
      S: 220 2.0.0 ready
      C: \\x17\\x03\\x03\\x00\\x08QUIT\\x0d\\x0a\\x0d\\x0a\\-
      S: \\x17\\x03\\x03\\x00\\x08250 ok\\x0d\\x0a\\-
      C: \\x17\\x03\\x03\\x00\\x03\\x00\\x0d\\x0a\\-`,
    answers: ['220 <- (nothing)', '250 <- EHLO', '220 <- STARTTLS'],
    outcome: 'encrypted',
  },
  {
    name: 'STARTTLS, refused',
    serverPort: 587,
    text: `
      S: 220 mx.example ESMTP
      C: EHLO client.example
      S: 250-mx.example
      S: 250 STARTTLS
      C: STARTTLS
      S: 454 4.7.0 not now
      C: QUIT
      S: 221 bye`,
    answers: ['220 <- (nothing)', '250 <- EHLO', '454 <- STARTTLS', '221 <- QUIT'],
    outcome: 'deferred',
  },
  {
    name: 'LMTP, a reply for each recipient',
    serverPort: 24,
    text: `
      S: 220 store.example LMTP
      C: LHLO mx.example
      S: 250-store.example
      S: 250 PIPELINING
      C: MAIL FROM:<a@client.example>
      S: 250 2.1.0 Ok
      C: RCPT TO:<b@store.example>
      S: 250 2.1.5 Ok
      C: RCPT TO:<c@store.example>
      S: 250 2.1.5 Ok
      C: DATA
      S: 354 go on
      C: Subject: three
      C:
      C: .
      S: 250 2.0.0 stored
      S: 552 5.2.2 full
      C: QUIT
      S: 221 bye`,
    answers: [
      '220 <- (nothing)',
      '250 <- LHLO',
      '250 <- MAIL',
      '250 <- RCPT',
      '250 <- RCPT',
      '354 <- DATA',
      '250 <- message',
      '552 <- message',
      '221 <- QUIT',
    ],
    outcome: 'partly-delivered',
    messages: ['Subject: three\r\n\r\n'],
  },
  {
    name: 'DATA refused, then another transaction',
    text: `
      S: 220 mx.example ESMTP
      C: EHLO client.example
      S: 250 mx.example
      C: MAIL FROM:<a@client.example>
      S: 250 Ok
      C: RCPT TO:<b@mx.example>
      S: 550 5.7.1 no
      C: DATA
      S: 503 5.5.1 no valid recipients
      C: RSET
      S: 250 Ok
      C: QUIT
      S: 221 bye`,
    answers: [
      '220 <- (nothing)',
      '250 <- EHLO',
      '250 <- MAIL',
      '550 <- RCPT',
      '503 <- DATA',
      '250 <- RSET',
      '221 <- QUIT',
    ],
    outcome: 'rejected',
  },
  {
    name: 'two messages in one session, the second refused after its end',
    text: `
      S: 220 mx.example ESMTP
      C: EHLO client.example
      S: 250 mx.example
      C: MAIL FROM:<a@client.example>
      S: 250 Ok
      C: RCPT TO:<b@mx.example>
      S: 250 Ok
      C: DATA
      S: 354 go on
      C: .
      S: 250 queued
      C: MAIL FROM:<a@client.example>
      S: 250 Ok
      C: RCPT TO:<b@mx.example>
      S: 250 Ok
      C: DATA
      S: 354 go on
      C: buy
      C: .
      S: 554 5.7.1 spam
      C: QUIT
      S: 221 bye`,
    answers: [
      '220 <- (nothing)',
      '250 <- EHLO',
      '250 <- MAIL',
      '250 <- RCPT',
      '354 <- DATA',
      '250 <- message',
      '250 <- MAIL',
      '250 <- RCPT',
      '354 <- DATA',
      '554 <- message',
      '221 <- QUIT',
    ],
    outcome: 'partly-delivered',
    messages: ['', 'buy\r\n'],
  },
  {
    name: 'PROXY protocol version 2, then SMTP as ever',
    text: `
      C: \\x0d\\x0a\\x0d\\x0a\\x00\\x0d\\x0aQUIT\\x0a\\x21\\x11\\x00\\x0c\\xc0\\x00\\x02\\x07\\xc6\\x33\\x64\\x02\\xdc\\x04\\x00\\x19\\-
      S: 220 mx.example ESMTP
      C: EHLO client.example
      S: 250 mx.example
      C: QUIT
      S: 221 bye`,
    answers: ['220 <- (nothing)', '250 <- EHLO', '221 <- QUIT'],
    outcome: 'idle',
  },
  {
    name: 'an empty line first, as of somebody at a terminal',
    text: `
      S: 220 mx.example ESMTP
      C: \\x0d\\x0a\\-
      S: 500 5.5.2 bad syntax
      C: EHLO client.example
      S: 250 mx.example
      C: QUIT
      S: 221 bye`,
    answers: ['220 <- (nothing)', '500 <- ', '250 <- EHLO', '221 <- QUIT'],
    outcome: 'idle',
  },
  {
    name: 'a greeting that is no reply shifts nothing',
    text: `
      S: 220mx ready
      C: EHLO client.example
      S: 250 mx.example
      C: MAIL FROM:<a@x.example>
      S: 250 ok
      C: RCPT TO:<b@y.example>
      S: 250 ok
      C: DATA
      S: 354 go
      C: hi
      C: .
      S: 250 queued
      C: QUIT
      S: 221 bye`,
    answers: ['250 <- EHLO', '250 <- MAIL', '250 <- RCPT', '354 <- DATA', '250 <- message', '221 <- QUIT'],
    outcome: 'delivered',
    messages: ['hi\r\n'],
  },
  {
    name: 'an empty line that the server passes over',
    text: `
      S: 220 mx.example ESMTP
      C: \\x0d\\x0a\\-
      C: EHLO client.example
      S: 250 mx.example
      C: QUIT
      S: 221 bye`,
    answers: ['220 <- (nothing)', '250 <- EHLO', '221 <- QUIT'],
    outcome: 'idle',
  },
];
