/**
 * Every difference between smtpscope and Wireshark 4.0 over the captures: what each says, who is right, and what proves
 * it. The test fails for a difference that is not here and for one that is here and gone.
 */
import type { Difference } from './support/compare.ts';

interface Judgement {
  readonly right: 'smtpscope' | 'wireshark' | 'both' | 'neither';
  readonly proof: string;
}

export interface JudgedDifference extends Difference, Judgement {
  /** Below captures/, or below the folder of captures that others made. */
  readonly file: string;
  /** What the proof points at, in the bytes of the connection as Wireshark follows them. */
  readonly inTheirBytes?: string;
}

/** The same of a direction's bytes beside tcpflow 1.6. */
export interface StreamDifference extends Pick<Difference, 'ours' | 'theirs'> {
  readonly file: string;
  readonly from: 'client' | 'server';
  readonly right: 'smtpscope' | 'tcpflow' | 'both' | 'neither';
  readonly proof: string;
}

const BEHIND_DOT: Judgement = {
  right: 'smtpscope',
  proof:
    'The line stands in the stream behind the end of the message, CRLF.CRLF, in the segment that ends the message. Wireshark shows a segment in which message text came as message text to its last byte; the server answers the line.',
};

const MID_MESSAGE: Judgement = {
  right: 'smtpscope',
  proof:
    'The capture begins inside a message: its bytes run on to CRLF.CRLF, and the first reply behind them is the one to a message. Wireshark takes each line of the text for a command.',
};

const COPIES: Judgement = {
  right: 'smtpscope',
  proof:
    'Each packet stands in the capture twice, with the same IP identification: it was sent once and captured at two places on its way. Wireshark counts the copies as retransmissions.',
};

const FAST_BY_SACK: Judgement = {
  right: 'smtpscope',
  proof:
    'The segment was sent before, the acknowledgment in front of the repetition names bytes behind it by SACK, and no timer can have run out so soon. Wireshark asks for two duplicate acknowledgments, or 20 ms and less: it calls the one out of order, the other a retransmission without a kind.',
};

const CUT_PACKETS: Judgement = {
  right: 'smtpscope',
  proof:
    'Packets were cut by the snapshot length, their IP headers say by how much: a hole. Wireshark joins what was captured over such holes, without a sign in the stream that it follows, and its dissector leaves out lines that were cut.',
};

const AGGREGATE: Judgement = {
  right: 'smtpscope',
  proof:
    'Both have the same bytes, and they are these lines. One frame carries several segments here, and Wireshark does not hand all of them to its SMTP dissector.',
};

const BDAT: Judgement = {
  right: 'smtpscope',
  proof:
    'The stream has these lines one behind the other, each chunk as long as its BDAT says (RFC 3030 §2), and a reply for each. Wireshark loses its place at a BDAT that others precede or follow in one segment.',
};

const VERB_OF_EIGHT: Judgement = {
  right: 'smtpscope',
  proof:
    'The stream has the one word STARTTLS. Wireshark takes the first four octets of a line for the verb and what follows the fifth for its parameter, unless a space comes first.',
};

const REPLY_IN_PIECES: Judgement = {
  right: 'smtpscope',
  proof:
    'A hyphen behind the code says that another line of the same reply follows (RFC 5321 §4.2.1). Wireshark begins a reply anew with each segment.',
};

const OTHER_SERVICE: Judgement = {
  right: 'wireshark',
  proof:
    'The client speaks HTTP, and from then on we show what both say as it is; that the server’s lines are SMTP replies is what Wireshark says, and it is so.',
};

const PORT_465: Judgement = {
  right: 'smtpscope',
  proof: 'The stream has EHLO in clear. Wireshark takes port 465 for TLS whatever is said there.',
};

const NO_SERVER: Judgement = {
  right: 'smtpscope',
  proof:
    'The stream has these lines. Wireshark takes the client for a server that has not greeted yet, for want of the server’s side.',
};

const NOT_SMTP: Judgement = {
  right: 'wireshark',
  proof:
    'No SMTP: an obfuscated tunnel on a mail port. We show its runs of bytes as lines of a client without knowing what they are.',
};

const NO_DATA_MODE: Judgement = {
  right: 'neither',
  proof:
    'The greeting has no line end of its own and swallows the reply to EHLO, so every answer is taken one command too late: the 354 seems to be for something else, and the text of the message is read as commands. Wireshark takes it for commands and message by turns.',
};

const AFTER_AUTH: Judgement = {
  right: 'wireshark',
  proof:
    'An over-long QUIT where the answer to a challenge belongs: by the letter of RFC 4954 §4 an answer, by its words a command. Wireshark says command.',
};

const OUT_OF_ORDER: Judgement = {
  right: 'smtpscope',
  proof:
    'The lines stand in the stream that Wireshark itself follows. Its SMTP dissector leaves out what came before its turn.',
};

const ONE_SEGMENT: Judgement = {
  right: 'smtpscope',
  proof:
    'The lines stand in the stream one behind the other, and the server answers each. Wireshark does not read commands behind one that asks for an answer first in the same segment.',
};

const GARBAGE: Judgement = {
  right: 'smtpscope',
  proof:
    'The client sends random bytes with line ends among them, and the server answers each line with 500: commands, if wrong ones. Wireshark shows none of them.',
};

const LONG_TEXT: Judgement = {
  right: 'smtpscope',
  proof:
    'The line stands in the stream to this length. Wireshark ends a text at its first NUL or at a byte that is no character.',
};

const TLS_PORT: Judgement = {
  right: 'smtpscope',
  proof: 'The stream has these replies in clear. Wireshark takes port 465 for TLS whatever is said there.',
};

const ONE_SIDE: Judgement = {
  right: 'both',
  proof:
    'Only the client was captured: where its message ends no reply says. Wireshark reads on as commands, we as the message.',
};

const REFUSED_DATA: Judgement = {
  right: 'smtpscope',
  proof:
    'The server refused the DATA with a 5xx reply, so what follows are commands, and it answers each. Wireshark takes what follows a DATA that was sent together with other commands for message text.',
};

const NOT_UTF8_FOR_THEM: Judgement = {
  right: 'both',
  proof:
    'The octets are those of ö in UTF-8 (c3 b6). We show them as the letter, Wireshark puts a replacement character for each octet above 127.',
};

const UNKNOWN_WORD: Judgement = {
  right: 'smtpscope',
  proof:
    'The line stands in the stream between two commands, and the server answers it: a command, if an unknown one. Wireshark shows only lines whose verb it knows.',
};

const AFTER_REFUSED_DATA: Judgement = {
  right: 'smtpscope',
  proof:
    'The server refused the DATA, or had taken the message for ended, and answers each of these lines. Wireshark takes them for the text of a message.',
};

const GROUP_AFTER_REFUSAL: Judgement = {
  right: 'smtpscope',
  proof:
    'RSET and QUIT stand in the stream in one segment, behind a refused RCPT and DATA, and the server answers both. Wireshark takes what follows a DATA in the same segment for message text.',
};

const TLS_AFTER_REFUSAL: Judgement = {
  right: 'neither',
  proof:
    'STARTTLS was refused with 502, and openssl sends its ClientHello all the same: the server takes the octets between line ends for commands and answers each. Where such a line ends is told differently; it is none.',
};

const OTHER_PROTOCOL: Judgement = {
  right: 'wireshark',
  proof:
    'The greeting is that of an IMAP server, and from then on we show what both say as it is; that the client says QUIT is what Wireshark says, and it is so.',
};

const LOST_BEFORE_CAPTURE: Judgement = {
  right: 'both',
  proof:
    'The first copies of these segments were dropped by the client’s own queue, in front of the capture: each stands in it once. We count what was captured twice; Wireshark infers from time and order that they had been sent before.',
};

export const DIFFERENCES: readonly JudgedDifference[] = [
  {
    file: 'controls/curl-starttls-then-clear.pcap',
    stream: 0,
    what: 'commands',
    ours: ['STARTTLS'],
    theirs: ['STAR TLS'],
    ...VERB_OF_EIGHT,
  },
  {
    file: 'controls/exim-bounce-null-sender.pcap',
    stream: 0,
    what: 'commands',
    ours: ['MAIL FROM:<> SIZE=2710', 'RCPT TO:<anna@mail.example>', 'BDAT 1687 LAST', 'QUIT'],
    theirs: [],
    ...BDAT,
  },
  {
    file: 'controls/msmtp-exim-starttls.pcap',
    stream: 0,
    what: 'commands',
    ours: ['STARTTLS'],
    theirs: ['STAR TLS'],
    ...VERB_OF_EIGHT,
  },
  {
    file: 'controls/msmtp-submission-starttls-auth.pcap',
    stream: 0,
    what: 'commands',
    ours: ['STARTTLS'],
    theirs: ['STAR TLS'],
    ...VERB_OF_EIGHT,
  },
  {
    file: 'controls/nodemailer-smtputf8-attachment.pcap',
    stream: 0,
    what: 'commands',
    ours: ['MAIL FROM:<j<f6>rg@client.example> SMTPUTF8'],
    theirs: ['MAIL FROM:<j<fffd><fffd>rg@client.example> SMTPUTF8'],
    ...NOT_UTF8_FOR_THEM,
  },
  {
    file: 'controls/postfix-ipv6-starttls-twice.pcap',
    stream: 0,
    what: 'commands',
    ours: ['STARTTLS'],
    theirs: ['STAR TLS'],
    ...VERB_OF_EIGHT,
  },
  {
    file: 'controls/postfix-ipv6-starttls-twice.pcap',
    stream: 1,
    what: 'commands',
    ours: ['STARTTLS'],
    theirs: ['STAR TLS'],
    ...VERB_OF_EIGHT,
  },
  {
    file: 'controls/postfix-ten-recipients-one-unknown.pcap',
    stream: 0,
    what: 'commands',
    ours: ['QUIT'],
    theirs: [],
    ...BEHIND_DOT,
    inTheirBytes: '\r\n.\r\nQUIT\r\n',
  },
  {
    file: 'rules/bad-sequence.pcap',
    stream: 0,
    what: 'commands',
    ours: ['QUIT'],
    theirs: [],
    ...AFTER_REFUSED_DATA,
  },
  {
    file: 'rules/body-sent-after-refusal.pcap',
    stream: 0,
    what: 'commands',
    ours: ['SUBJECT: all the same', 'FROM: anna@client.example', 'GOOD morning', '.'],
    theirs: [],
    ...AFTER_REFUSED_DATA,
  },
  {
    file: 'rules/data-stall-client-stopped.pcap',
    stream: 0,
    what: 'client retransmissions',
    ours: ['0', '0 fast', '0 needless', '0 by timeout'],
    theirs: ['5', '0 fast', '0 needless', '5 by timeout'],
    ...LOST_BEFORE_CAPTURE,
  },
  {
    file: 'rules/dot-stuffing-missing.pcap',
    stream: 0,
    what: 'commands',
    ours: ['SECOND part', 'OF the message', '.'],
    theirs: [],
    ...AFTER_REFUSED_DATA,
  },
  {
    file: 'rules/mailbox-full-dovecot-lmtp.pcap',
    stream: 0,
    what: 'commands',
    ours: ['QUIT'],
    theirs: [],
    ...BEHIND_DOT,
    inTheirBytes: '\r\n.\r\nQUIT\r\n',
  },
  {
    file: 'rules/mailbox-full-dovecot-lmtp.pcap',
    stream: 1,
    what: 'commands',
    ours: ['QUIT'],
    theirs: [],
    ...BEHIND_DOT,
    inTheirBytes: '\r\n.\r\nQUIT\r\n',
  },
  {
    file: 'rules/non-ascii-recipient.pcap',
    stream: 0,
    what: 'commands',
    ours: ['RCPT TO:<j<f6>rg@mail.example>'],
    theirs: ['RCPT TO:<j<fffd><fffd>rg@mail.example>'],
    ...NOT_UTF8_FOR_THEM,
  },
  {
    file: 'rules/proxy-protocol-mismatch-haproxy.pcap',
    stream: 0,
    what: 'commands',
    ours: ['PROXY TCP4 127.0.0.1 127.0.0.1 38276 2525'],
    theirs: [],
    ...UNKNOWN_WORD,
  },
  {
    file: 'rules/retry-series-postfix.pcap',
    stream: 0,
    what: 'commands',
    ours: ['RSET', 'QUIT'],
    theirs: [],
    ...GROUP_AFTER_REFUSAL,
  },
  {
    file: 'rules/retry-series-postfix.pcap',
    stream: 1,
    what: 'commands',
    ours: ['RSET', 'QUIT'],
    theirs: [],
    ...GROUP_AFTER_REFUSAL,
  },
  {
    file: 'rules/retry-series-postfix.pcap',
    stream: 2,
    what: 'commands',
    ours: ['RSET', 'QUIT'],
    theirs: [],
    ...GROUP_AFTER_REFUSAL,
  },
  {
    file: 'rules/retry-series-postfix.pcap',
    stream: 3,
    what: 'commands',
    ours: ['RSET', 'QUIT'],
    theirs: [],
    ...GROUP_AFTER_REFUSAL,
  },
  {
    file: 'rules/same-mail-several-hosts.pcap',
    stream: 1,
    what: 'replies',
    ours: ['250 | client.example | 8BITMIME | HELP'],
    theirs: ['250 | client.example', '250 | 8BITMIME', '250 | HELP'],
    ...REPLY_IN_PIECES,
  },
  {
    file: 'rules/smtputf8-missing-nodemailer.pcap',
    stream: 0,
    what: 'commands',
    ours: ['RCPT TO:<j<f6>rg@mail.example>'],
    theirs: ['RCPT TO:<j<fffd><fffd>rg@mail.example>'],
    ...NOT_UTF8_FOR_THEM,
  },
  {
    file: 'rules/starttls-502-openssl.pcap',
    stream: 0,
    what: 'commands',
    ours: [
      'STARTTLS',
      '<16><03><01><01>9<01><00><01>5<03><03>H<b8><178><bb>O<cc>J[<… (338)',
      '<c0><14><00>9<c0> <c0><13><00>3<00><9d><00><9c><00>=<00><<00… (175)',
      '<00><16><00><14><00><1d><00><17><00><1e><00><19><00><18><01>… (208)',
    ],
    theirs: [
      'STAR TLS',
      '<16><03><01><01> <01>',
      'P<fffd><fffd><fffd> <fffd>P<fffd>8<fffd>,<fffd>UA<fffd><fffd… (114)',
      '<fffd><14> <fffd><13>',
      'and 3 more',
    ],
    ...TLS_AFTER_REFUSAL,
  },
  {
    file: 'rules/starttls-stripped-on-the-path.pcap',
    stream: 0,
    what: 'commands',
    ours: ['STARTTLS'],
    theirs: ['STAR TLS'],
    ...VERB_OF_EIGHT,
  },
  {
    file: 'rules/starttls-stripped-on-the-path.pcap',
    stream: 1,
    what: 'commands',
    ours: ['QUIT'],
    theirs: [],
    ...BEHIND_DOT,
    inTheirBytes: '\r\n.\r\nQUIT\r\n',
  },
  {
    file: 'rules/tls-broken-off-without-alert.pcap',
    stream: 0,
    what: 'commands',
    ours: ['STARTTLS'],
    theirs: ['STAR TLS'],
    ...VERB_OF_EIGHT,
  },
  {
    file: 'rules/tls-then-plaintext.pcap',
    stream: 0,
    what: 'commands',
    ours: ['STARTTLS'],
    theirs: ['STAR TLS'],
    ...VERB_OF_EIGHT,
  },
  {
    file: 'rules/unknown-command.pcap',
    stream: 0,
    what: 'commands',
    ours: ['FROBNICATE', 'XMAGIC 1'],
    theirs: [],
    ...UNKNOWN_WORD,
  },
  {
    file: 'rules/wrong-service-imap.pcap',
    stream: 0,
    what: 'commands',
    ours: [],
    theirs: ['QUIT'],
    ...OTHER_PROTOCOL,
  },
  {
    file: 'rules/xclient-accepted.pcap',
    stream: 0,
    what: 'commands',
    ours: ['XCLIENT NAME=other.example ADDR=203.0.113.9'],
    theirs: [],
    ...UNKNOWN_WORD,
  },
  {
    file: 'format/big-endian.pcap',
    stream: 0,
    what: 'commands',
    ours: ['QUIT'],
    theirs: [],
    ...BEHIND_DOT,
    inTheirBytes: '\r\n.\r\nQUIT\r\n',
  },
  {
    file: 'format/bsd-loopback.pcap',
    stream: 0,
    what: 'commands',
    ours: ['QUIT'],
    theirs: [],
    ...BEHIND_DOT,
    inTheirBytes: '\r\n.\r\nQUIT\r\n',
  },
  {
    file: 'format/cut-short.pcap',
    stream: 0,
    what: 'commands',
    ours: ['QUIT'],
    theirs: [],
    ...BEHIND_DOT,
    inTheirBytes: '\r\n.\r\nQUIT\r\n',
  },
  {
    file: 'format/ethernet.pcap',
    stream: 0,
    what: 'commands',
    ours: ['QUIT'],
    theirs: [],
    ...BEHIND_DOT,
    inTheirBytes: '\r\n.\r\nQUIT\r\n',
  },
  {
    file: 'format/fragments-one-missing.pcap',
    stream: 0,
    what: 'commands',
    ours: ['QUIT'],
    theirs: [],
    ...BEHIND_DOT,
    inTheirBytes: '\r\n.\r\nQUIT\r\n',
  },
  {
    file: 'format/gzip.pcap.gz',
    stream: 0,
    what: 'commands',
    ours: ['QUIT'],
    theirs: [],
    ...BEHIND_DOT,
    inTheirBytes: '\r\n.\r\nQUIT\r\n',
  },
  {
    file: 'format/gzip.pcapng.gz',
    stream: 0,
    what: 'commands',
    ours: ['QUIT'],
    theirs: [],
    ...BEHIND_DOT,
    inTheirBytes: '\r\n.\r\nQUIT\r\n',
  },
  {
    file: 'format/linux-cooked-v1-any.pcap',
    stream: 0,
    what: 'commands',
    ours: ['QUIT'],
    theirs: [],
    ...BEHIND_DOT,
    inTheirBytes: '\r\n.\r\nQUIT\r\n',
  },
  {
    file: 'format/linux-cooked-v2-any.pcap',
    stream: 0,
    what: 'commands',
    ours: ['QUIT'],
    theirs: [],
    ...BEHIND_DOT,
    inTheirBytes: '\r\n.\r\nQUIT\r\n',
  },
  {
    file: 'format/lost-packets.pcap',
    stream: 0,
    what: 'commands',
    ours: ['QUIT'],
    theirs: [],
    ...BEHIND_DOT,
    inTheirBytes: '\r\n.\r\nQUIT\r\n',
  },
  {
    file: 'format/lz4.pcap.lz4',
    stream: 0,
    what: 'commands',
    ours: ['QUIT'],
    theirs: [],
    ...BEHIND_DOT,
    inTheirBytes: '\r\n.\r\nQUIT\r\n',
  },
  {
    file: 'format/mid-stream.pcap',
    stream: 0,
    what: 'commands',
    ours: [],
    theirs: [
      'RECE ved: by client.example (Postfix, from userid 0)',
      '<09>ID  15ED23B; Tue, 24 Nov 2026 04:57:13 +0000 (UTC)',
      'FROM Anna <anna@client.example>',
      'TO:  anna@mail.example>',
      'and 216 more',
    ],
    ...MID_MESSAGE,
  },
  {
    file: 'format/nanosecond.pcap',
    stream: 0,
    what: 'commands',
    ours: ['QUIT'],
    theirs: [],
    ...BEHIND_DOT,
    inTheirBytes: '\r\n.\r\nQUIT\r\n',
  },
  {
    file: 'format/one-side-only.pcap',
    stream: 0,
    what: 'commands',
    ours: ['QUIT'],
    theirs: [],
    ...BEHIND_DOT,
    inTheirBytes: '\r\n.\r\nQUIT\r\n',
  },
  {
    file: 'format/pcapng-one-interface.pcapng',
    stream: 0,
    what: 'commands',
    ours: ['QUIT'],
    theirs: [],
    ...BEHIND_DOT,
    inTheirBytes: '\r\n.\r\nQUIT\r\n',
  },
  {
    file: 'format/pcapng-two-interfaces.pcapng',
    stream: 0,
    what: 'commands',
    ours: ['QUIT'],
    theirs: [],
    ...BEHIND_DOT,
    inTheirBytes: '\r\n.\r\nQUIT\r\n',
  },
  {
    file: 'format/pcapng-two-interfaces.pcapng',
    stream: 0,
    what: 'client retransmissions',
    ours: ['0'],
    theirs: ['11'],
    ...COPIES,
  },
  {
    file: 'format/pcapng-two-interfaces.pcapng',
    stream: 0,
    what: 'server retransmissions',
    ours: ['0'],
    theirs: ['4'],
    ...COPIES,
  },
  {
    file: 'format/pcapng-two-interfaces.pcapng',
    stream: 1,
    what: 'client retransmissions',
    ours: ['0'],
    theirs: ['4'],
    ...COPIES,
  },
  {
    file: 'format/pcapng-two-interfaces.pcapng',
    stream: 1,
    what: 'server retransmissions',
    ours: ['0'],
    theirs: ['5'],
    ...COPIES,
  },
  {
    file: 'format/raw-ip.pcap',
    stream: 0,
    what: 'commands',
    ours: ['QUIT'],
    theirs: [],
    ...BEHIND_DOT,
    inTheirBytes: '\r\n.\r\nQUIT\r\n',
  },
  {
    file: 'format/router-any-every-packet-twice.pcap',
    stream: 0,
    what: 'commands',
    ours: ['QUIT'],
    theirs: [],
    ...BEHIND_DOT,
    inTheirBytes: '\r\n.\r\nQUIT\r\n',
  },
  {
    file: 'format/router-any-every-packet-twice.pcap',
    stream: 0,
    what: 'client retransmissions',
    ours: ['0'],
    theirs: ['11'],
    ...COPIES,
  },
  {
    file: 'format/router-any-every-packet-twice.pcap',
    stream: 0,
    what: 'server retransmissions',
    ours: ['0'],
    theirs: ['4'],
    ...COPIES,
  },
  {
    file: 'format/router-any-every-packet-twice.pcap',
    stream: 1,
    what: 'client retransmissions',
    ours: ['0'],
    theirs: ['4'],
    ...COPIES,
  },
  {
    file: 'format/router-any-every-packet-twice.pcap',
    stream: 1,
    what: 'server retransmissions',
    ours: ['0'],
    theirs: ['5'],
    ...COPIES,
  },
  {
    file: 'format/snaplen-96.pcap',
    stream: 0,
    what: 'commands',
    ours: [],
    theirs: ['', 'LINE 00043 of many, all alike', 'H TO fill it up', 'LINE 00067 of', 'and 5 more'],
    ...CUT_PACKETS,
  },
  {
    file: 'format/snaplen-96.pcap',
    stream: 0,
    what: 'client bytes',
    ours: ['678 bytes, from 51: [80 bytes missing in capture file]Received: by client.exampl… (648)'],
    theirs: ['321 bytes, from 51: Received: by client.example (Pany, all alike and long enough… (291)'],
    ...CUT_PACKETS,
  },
  {
    file: 'format/snaplen-96.pcap',
    stream: 0,
    what: 'server bytes',
    ours: ['256 bytes, from 30: [2 bytes missing in capture file]250-mail.example<0d><0a>250… (244)'],
    theirs: ['120 bytes, from 30: 250-mail.example<0d><0a>250-PIPELINI250 2.1.0 Ok<0d><0a>250 … (108)'],
    ...CUT_PACKETS,
  },
  { file: 'format/snaplen-96.pcap', stream: 1, what: 'commands', ours: ['QUIT'], theirs: [], ...CUT_PACKETS },
  {
    file: 'format/snaplen-96.pcap',
    stream: 1,
    what: 'replies',
    ours: ['250 | 2.1.0 Ok', '550 | 5.1.1 <unknown@mail.exampl', '221 | 2.0.0 Bye'],
    theirs: ['550 | 5.1.1 <unknown@mail.exampl'],
    ...CUT_PACKETS,
  },
  {
    file: 'format/snaplen-96.pcap',
    stream: 1,
    what: 'client bytes',
    ours: ['153 bytes, from 51: [3 bytes missing in capture file]RCPT TO:<unknown@mail.examp… (108)'],
    theirs: ['87 bytes, from 51: RCPT TO:<unknown@mail.example>QUIT<0d><0a>'],
    ...CUT_PACKETS,
  },
  {
    file: 'format/snaplen-96.pcap',
    stream: 1,
    what: 'server bytes',
    ours: ['221 bytes, from 30: [2 bytes missing in capture file]250-mail.example<0d><0a>250… (209)'],
    theirs: ['119 bytes, from 30: 250-mail.example<0d><0a>250-PIPELINI250 2.1.0 Ok<0d><0a>550 … (107)'],
    ...CUT_PACKETS,
  },
  {
    file: 'format/vlan-stacked.pcap',
    stream: 0,
    what: 'commands',
    ours: ['QUIT'],
    theirs: [],
    ...BEHIND_DOT,
    inTheirBytes: '\r\n.\r\nQUIT\r\n',
  },
  {
    file: 'format/vlan.pcap',
    stream: 0,
    what: 'commands',
    ours: ['QUIT'],
    theirs: [],
    ...BEHIND_DOT,
    inTheirBytes: '\r\n.\r\nQUIT\r\n',
  },
  {
    file: 'format/wlan-aggregate.pcap',
    stream: 0,
    what: 'commands',
    ours: ['EHLO client.example', 'MAIL FROM:<anna@client.example>', 'RCPT TO:<unknown@mail.example>', 'QUIT'],
    theirs: [],
    ...AGGREGATE,
    inTheirBytes: 'EHLO client.example\r\n',
  },
  {
    file: 'format/wlan-aggregate.pcap',
    stream: 0,
    what: 'replies',
    ours: [
      '220 | mail.example ESMTP Postfix',
      '250 | mail.example | PIPELINING | SIZE 10240000 | VRFY | ETR… (122)',
      '250 | 2.1.0 Ok',
      '550 | 5.1.1 <unknown@mail.example>: Recipient address reject… (101)',
      'and 1 more',
    ],
    theirs: [],
    ...AGGREGATE,
    inTheirBytes: '550 5.1.1 <unknown@mail.example>',
  },
  {
    file: 'format/zstd.pcap.zst',
    stream: 0,
    what: 'commands',
    ours: ['QUIT'],
    theirs: [],
    ...BEHIND_DOT,
    inTheirBytes: '\r\n.\r\nQUIT\r\n',
  },
  {
    file: 'healthy/exim-bdat-chunking.pcap',
    stream: 0,
    what: 'commands',
    ours: ['MAIL FROM:<anna@client.example> SIZE=1419', 'RCPT TO:<anna@mail.example>', 'BDAT 396 LAST', 'QUIT'],
    theirs: [],
    ...BDAT,
    inTheirBytes: 'BDAT 396 LAST\r\n',
  },
  {
    file: 'healthy/exim-bdat-chunking.pcap',
    stream: 1,
    what: 'commands',
    ours: ['MAIL FROM:<anna@client.example> SIZE=31919', 'RCPT TO:<anna@mail.example>', 'BDAT 343', 'BDAT 30553 LAST'],
    theirs: [],
    ...BDAT,
    inTheirBytes: 'BDAT 343\r\n',
  },
  {
    file: 'healthy/exim-pipe-connect-starttls.pcap',
    stream: 0,
    what: 'commands',
    ours: ['STARTTLS'],
    theirs: ['STAR TLS'],
    ...VERB_OF_EIGHT,
    inTheirBytes: 'STARTTLS\r\n',
  },
  {
    file: 'healthy/exim-pipe-connect-starttls.pcap',
    stream: 1,
    what: 'commands',
    ours: ['STARTTLS'],
    theirs: ['STAR TLS'],
    ...VERB_OF_EIGHT,
    inTheirBytes: 'STARTTLS\r\n',
  },
  {
    file: 'healthy/exim-pipe-connect.pcap',
    stream: 0,
    what: 'commands',
    ours: ['MAIL FROM:<anna@client.example> SIZE=1419', 'RCPT TO:<anna@mail.example>', 'BDAT 396 LAST', 'QUIT'],
    theirs: [],
    ...BDAT,
    inTheirBytes: 'BDAT 396 LAST\r\n',
  },
  {
    file: 'healthy/exim-pipe-connect.pcap',
    stream: 1,
    what: 'commands',
    ours: ['QUIT'],
    theirs: [],
    ...BDAT,
    inTheirBytes: 'QUIT\r\n',
  },
  {
    file: 'healthy/nodemailer-aiosmtpd.pcap',
    stream: 0,
    what: 'replies',
    ours: ['250 | mail.example | 8BITMIME | HELP'],
    theirs: ['250 | mail.example', '250 | 8BITMIME', '250 | HELP'],
    ...REPLY_IN_PIECES,
    inTheirBytes: '250-8BITMIME\r\n250 HELP\r\n',
  },
  {
    file: 'healthy/postfix-cram-md5-delivered.pcap',
    stream: 0,
    what: 'commands',
    ours: ['QUIT'],
    theirs: [],
    ...BEHIND_DOT,
    inTheirBytes: '\r\n.\r\nQUIT\r\n',
  },
  {
    file: 'healthy/postfix-dovecot-lmtp.pcap',
    stream: 0,
    what: 'commands',
    ours: ['QUIT'],
    theirs: [],
    ...BEHIND_DOT,
    inTheirBytes: '\r\n.\r\nQUIT\r\n',
  },
  {
    file: 'healthy/postfix-large-message-offload.pcap',
    stream: 0,
    what: 'commands',
    ours: ['QUIT'],
    theirs: [],
    ...BEHIND_DOT,
    inTheirBytes: '\r\n.\r\nQUIT\r\n',
  },
  {
    file: 'healthy/postfix-pipelining.pcap',
    stream: 0,
    what: 'commands',
    ours: ['QUIT'],
    theirs: [],
    ...BEHIND_DOT,
    inTheirBytes: '\r\n.\r\nQUIT\r\n',
  },
  {
    file: 'healthy/postfix-starttls-tls12.pcap',
    stream: 0,
    what: 'commands',
    ours: ['STARTTLS'],
    theirs: ['STAR TLS'],
    ...VERB_OF_EIGHT,
    inTheirBytes: 'STARTTLS\r\n',
  },
  {
    file: 'healthy/postfix-starttls.pcap',
    stream: 0,
    what: 'commands',
    ours: ['STARTTLS'],
    theirs: ['STAR TLS'],
    ...VERB_OF_EIGHT,
    inTheirBytes: 'STARTTLS\r\n',
  },
  {
    file: 'rules/auth-530-dovecot-submission.pcap',
    stream: 0,
    what: 'commands',
    ours: ['QUIT'],
    theirs: [],
    ...REFUSED_DATA,
    inTheirBytes: 'QUIT\r\n',
  },
  {
    file: 'rules/auth-530-dovecot-submission.pcap',
    stream: 1,
    what: 'commands',
    ours: ['QUIT'],
    theirs: [],
    ...REFUSED_DATA,
    inTheirBytes: 'QUIT\r\n',
  },
  {
    file: 'rules/connect-icmpv6-then-ipv4-delivers.pcap',
    stream: 1,
    what: 'commands',
    ours: ['QUIT'],
    theirs: [],
    ...BEHIND_DOT,
    inTheirBytes: '\r\n.\r\nQUIT\r\n',
  },
  {
    file: 'rules/content-rejected-after-dot.pcap',
    stream: 0,
    what: 'commands',
    ours: ['QUIT'],
    theirs: [],
    ...BEHIND_DOT,
    inTheirBytes: '\r\n.\r\nQUIT\r\n',
  },
  {
    file: 'rules/content-rejected-after-dot.pcap',
    stream: 1,
    what: 'commands',
    ours: ['RSET', 'QUIT'],
    theirs: [],
    ...REFUSED_DATA,
    inTheirBytes: 'RSET\r\nQUIT\r\n',
  },
  {
    file: 'rules/greylisting-then-accepted.pcap',
    stream: 0,
    what: 'commands',
    ours: ['RSET', 'QUIT'],
    theirs: [],
    ...REFUSED_DATA,
    inTheirBytes: 'RSET\r\nQUIT\r\n',
  },
  {
    file: 'rules/greylisting-then-accepted.pcap',
    stream: 1,
    what: 'commands',
    ours: ['QUIT'],
    theirs: [],
    ...BEHIND_DOT,
    inTheirBytes: '\r\n.\r\nQUIT\r\n',
  },
  {
    file: 'rules/http-on-smtp-curl.pcap',
    stream: 0,
    what: 'replies',
    ours: [],
    theirs: ['220 | mail.example ESMTP Postfix', '221 | 2.7.0 Error: I can break rules, too. Goodbye.'],
    ...OTHER_SERVICE,
  },
  {
    file: 'rules/no-reply-after-dot-delivered-twice.pcap',
    stream: 0,
    what: 'commands',
    ours: ['QUIT'],
    theirs: [],
    ...BEHIND_DOT,
    inTheirBytes: '\r\n.\r\nQUIT\r\n',
  },
  {
    file: 'rules/no-reply-after-dot-delivered-twice.pcap',
    stream: 1,
    what: 'commands',
    ours: ['QUIT'],
    theirs: [],
    ...BEHIND_DOT,
    inTheirBytes: '\r\n.\r\nQUIT\r\n',
  },
  {
    file: 'rules/plaintext-on-465.pcap',
    stream: 0,
    what: 'commands',
    ours: ['EHLO client.example'],
    theirs: [],
    ...PORT_465,
    inTheirBytes: 'EHLO client.example\r\n',
  },
  {
    file: 'rules/pmtu-blackhole.pcap',
    stream: 0,
    what: 'commands',
    ours: ['QUIT'],
    theirs: [],
    ...BEHIND_DOT,
    inTheirBytes: '\r\n.\r\nQUIT\r\n',
  },
  {
    file: 'rules/pmtu-blackhole.pcap',
    stream: 0,
    what: 'client retransmissions',
    ours: ['7', '1 fast'],
    theirs: ['6', '0 fast'],
    ...FAST_BY_SACK,
  },
  {
    file: 'rules/port25-blocked-587-works.pcap',
    stream: 2,
    what: 'commands',
    ours: ['STARTTLS'],
    theirs: ['STAR TLS'],
    ...VERB_OF_EIGHT,
    inTheirBytes: 'STARTTLS\r\n',
  },
  {
    file: 'rules/postscreen-teaser-patient-client.pcap',
    stream: 0,
    what: 'commands',
    ours: ['QUIT'],
    theirs: [],
    ...REPLY_IN_PIECES,
    inTheirBytes: '220-mail.example ESMTP Postfix\r\n220 mail.example ESMTP Postfix\r\n',
  },
  {
    file: 'rules/postscreen-teaser-patient-client.pcap',
    stream: 0,
    what: 'replies',
    ours: ['220 | mail.example ESMTP Postfix | mail.example ESMTP Postfi… (61)'],
    theirs: ['220 | mail.example ESMTP Postfix', '220 | mail.example ESMTP Postfix'],
    ...REPLY_IN_PIECES,
    inTheirBytes: '220-mail.example ESMTP Postfix\r\n220 mail.example ESMTP Postfix\r\n',
  },
  {
    file: 'rules/relay-denied-postfix-554-map-key.pcap',
    stream: 0,
    what: 'commands',
    ours: ['RSET', 'QUIT'],
    theirs: [],
    ...REFUSED_DATA,
    inTheirBytes: 'RSET\r\nQUIT\r\n',
  },
  {
    file: 'rules/relay-denied-postfix-554-map-key.pcap',
    stream: 1,
    what: 'commands',
    ours: ['RSET', 'QUIT'],
    theirs: [],
    ...REFUSED_DATA,
    inTheirBytes: 'RSET\r\nQUIT\r\n',
  },
  {
    file: 'rules/retransmission-storm.pcap',
    stream: 0,
    what: 'commands',
    ours: ['QUIT'],
    theirs: [],
    ...BEHIND_DOT,
    inTheirBytes: '\r\n.\r\nQUIT\r\n',
  },
  {
    file: 'rules/retransmission-storm.pcap',
    stream: 0,
    what: 'client retransmissions',
    ours: ['5 fast'],
    theirs: ['4 fast'],
    ...FAST_BY_SACK,
  },
  {
    file: 'rules/slow-server-recipient.pcap',
    stream: 0,
    what: 'commands',
    ours: ['QUIT'],
    theirs: [],
    ...BEHIND_DOT,
    inTheirBytes: '\r\n.\r\nQUIT\r\n',
  },
  {
    file: 'rules/starttls-454-then-clear.pcap',
    stream: 0,
    what: 'commands',
    ours: [
      'STARTTLS',
      'MAIL FROM:<anna@client.example> SIZE=314',
      'RCPT TO:<anna@mail.example> ORCPT=rfc822;anna@mail.example',
      'DATA',
      'and 1 more',
    ],
    theirs: [
      'STAR TLS',
      'MAIL FROM:<anna@client.example> SIZE=314',
      'RCPT TO:<anna@mail.example> ORCPT=rfc822;anna@mail.example',
      'DATA',
    ],
    ...VERB_OF_EIGHT,
    inTheirBytes: 'STARTTLS\r\n',
  },
  {
    file: 'rules/starttls-anonymous-cipher.pcap',
    stream: 0,
    what: 'commands',
    ours: ['STARTTLS'],
    theirs: ['STAR TLS'],
    ...VERB_OF_EIGHT,
    inTheirBytes: 'STARTTLS\r\n',
  },
  {
    file: 'rules/starttls-command-injection.pcap',
    stream: 0,
    what: 'commands',
    ours: ['STARTTLS'],
    theirs: ['STAR TLS'],
    ...VERB_OF_EIGHT,
    inTheirBytes: 'STARTTLS\r\n',
  },
  {
    file: 'rules/starttls-handshake-stall.pcap',
    stream: 0,
    what: 'commands',
    ours: ['STARTTLS'],
    theirs: ['STAR TLS'],
    ...VERB_OF_EIGHT,
    inTheirBytes: 'STARTTLS\r\n',
  },
  {
    file: 'rules/tls-alert-certificate-expired.pcap',
    stream: 0,
    what: 'commands',
    ours: ['STARTTLS'],
    theirs: ['STAR TLS'],
    ...VERB_OF_EIGHT,
    inTheirBytes: 'STARTTLS\r\n',
  },
  {
    file: 'rules/tls-alert-client-certificate-demanded.pcap',
    stream: 0,
    what: 'commands',
    ours: ['STARTTLS'],
    theirs: ['STAR TLS'],
    ...VERB_OF_EIGHT,
    inTheirBytes: 'STARTTLS\r\n',
  },
  {
    file: 'rules/tls-alert-encrypted-exim-gnutls.pcap',
    stream: 0,
    what: 'commands',
    ours: ['STARTTLS'],
    theirs: ['STAR TLS'],
    ...VERB_OF_EIGHT,
    inTheirBytes: 'STARTTLS\r\n',
  },
  {
    file: 'rules/tls-alert-protocol-version.pcap',
    stream: 0,
    what: 'commands',
    ours: ['STARTTLS'],
    theirs: ['STAR TLS'],
    ...VERB_OF_EIGHT,
    inTheirBytes: 'STARTTLS\r\n',
  },
  {
    file: 'rules/tls-alert-unknown-ca.pcap',
    stream: 0,
    what: 'commands',
    ours: ['STARTTLS'],
    theirs: ['STAR TLS'],
    ...VERB_OF_EIGHT,
    inTheirBytes: 'STARTTLS\r\n',
  },
  {
    file: 'rules/tls-certificate-expired-delivered.pcap',
    stream: 0,
    what: 'commands',
    ours: ['STARTTLS'],
    theirs: ['STAR TLS'],
    ...VERB_OF_EIGHT,
    inTheirBytes: 'STARTTLS\r\n',
  },
  {
    file: 'rules/tls-version-1.0.pcap',
    stream: 0,
    what: 'commands',
    ours: ['STARTTLS'],
    theirs: ['STAR TLS'],
    ...VERB_OF_EIGHT,
    inTheirBytes: 'STARTTLS\r\n',
  },
  {
    file: 'rules/zero-window-stall.pcap',
    stream: 0,
    what: 'commands',
    ours: ['QUIT'],
    theirs: [],
    ...BEHIND_DOT,
    inTheirBytes: '\r\n.\r\nQUIT\r\n',
  },
  {
    file: 'given/arkime--smtp-starttls.pcap',
    stream: 0,
    what: 'commands',
    ours: ['STARTTLS'],
    theirs: ['STAR TLS'],
    ...VERB_OF_EIGHT,
    inTheirBytes: 'STARTTLS\r\n',
  },
  {
    file: 'given/arkime--smtp-subject-multi-nospace.pcap',
    stream: 0,
    what: 'commands',
    ours: ['EHLO xxxxxx.xxxxxx.xxx.com', 'MAIL FROM:<xxxxx@xxx.net>', 'RCPT TO:<xxxxx@xxx.net>', 'DATA'],
    theirs: [],
    ...NO_SERVER,
    inTheirBytes: 'EHLO xxxxxx.xxxxxx.xxx.com\r\n',
  },
  {
    file: 'given/ndpi--openvpn_obfuscated.pcapng',
    stream: 0,
    what: 'commands',
    ours: [
      '<00>VL=339<Q<1a><89>L )-}U<f9>w<b1><a8><bd><cb>2<d2><95>S<f2… (82)',
      "<9a><c1><da><a7>'<bb><1d><d6><d0><c2>Z<d2><be><d1><b3>_`<96>… (741)",
      '<1b><03><10><0f>. <93><bd><87><b5>~<87><8a><7f><15><c4><d0>J… (1005)',
      '5G{<ab><de>]G<03><d9><c1><00>J\\~<b8>(MY<d8><d3><1f><06> <05>… (78)',
      'and 29 more',
    ],
    theirs: [],
    ...NOT_SMTP,
  },
  {
    file: 'given/ndpi--smtp-starttls.pcap',
    stream: 0,
    what: 'commands',
    ours: ['STARTTLS'],
    theirs: ['STAR TLS'],
    ...VERB_OF_EIGHT,
    inTheirBytes: 'STARTTLS\r\n',
  },
  {
    file: 'given/ndpi--smtp-starttls.pcap',
    stream: 1,
    what: 'commands',
    ours: ['STARTTLS'],
    theirs: ['STAR TLS'],
    ...VERB_OF_EIGHT,
    inTheirBytes: 'STARTTLS\r\n',
  },
  {
    file: 'given/suricata-verify--1flowB.pcap',
    stream: 0,
    what: 'client retransmissions',
    ours: ['0'],
    theirs: ['8'],
    ...COPIES,
  },
  {
    file: 'given/suricata-verify--1flowB.pcap',
    stream: 0,
    what: 'server retransmissions',
    ours: ['0'],
    theirs: ['2'],
    ...COPIES,
  },
  {
    file: 'given/suricata-verify--detect-email-received.pcap',
    stream: 0,
    what: 'commands',
    ours: [
      'SUBJECT: Test Email',
      'RECEIVED: from client.local (client.local [10.0.0.1]) by smt… (129)',
      'RECEIVED: from smtp.relay1.com (smtp.relay1.com [10.0.0.10])… (136)',
      'RECEIVED: from smtp.relay2.com (smtp.relay2.com [10.0.0.20])… (140)',
      'and 7 more',
    ],
    theirs: [],
    ...NO_DATA_MODE,
  },
  {
    file: 'given/suricata-verify--smtp-bdat-bad-tail-reply-queue.pcap',
    stream: 0,
    what: 'commands',
    ours: ['BDAT 5 X', 'MAIL FROM:<alice@example.com>', 'RCPT TO:<bob@example.com>', 'DATA', 'and 1 more'],
    theirs: [],
    ...BDAT,
    inTheirBytes: 'BDAT 5 X\r\n',
  },
  {
    file: 'given/suricata-verify--smtp-bdat-multichunk-next-mail.pcap',
    stream: 0,
    what: 'commands',
    ours: ['BDAT 64', 'BDAT 154 LAST', 'MAIL from:<bob@example.com>', 'RCPT to:<alice@example.com>', 'and 2 more'],
    theirs: ['MAIL from:<bob@example.com>', 'RCPT to:<alice@example.com>', 'DATA'],
    ...BDAT,
    inTheirBytes: 'BDAT 64\r\n',
  },
  {
    file: 'given/suricata-verify--smtp-bdat-pipelined-next-mail.pcap',
    stream: 0,
    what: 'commands',
    ours: ['BDAT 64', 'BDAT 152 LAST', 'MAIL from:<bob@example.com>', 'RCPT to:<alice@example.com>', 'and 2 more'],
    theirs: [],
    ...BDAT,
    inTheirBytes: 'BDAT 64\r\n',
  },
  {
    file: 'given/suricata-verify--smtp-long-command.pcap',
    stream: 0,
    what: 'commands',
    ours: [],
    theirs: ['QUIT'],
    ...AFTER_AUTH,
  },
  {
    file: 'given/suricata-verify--smtp-out-of-order.pcap',
    stream: 0,
    what: 'commands',
    ours: ['MAIL from:<alice@example.com>', 'RCPT to:<bob@example.com>', 'DATA'],
    theirs: [],
    ...OUT_OF_ORDER,
  },
  {
    file: 'given/suricata-verify--smtp-pipelining.pcap',
    stream: 0,
    what: 'commands',
    ours: ['MAIL FROM:<username@domain.com>', 'RCPT TO:<john.doe@example.com>', 'DATA'],
    theirs: [],
    ...ONE_SEGMENT,
    inTheirBytes: '\r\nDATA\r\n',
  },
  {
    file: 'given/suricata-verify--smtp-startssl.pcap',
    stream: 0,
    what: 'commands',
    ours: ['STARTTLS'],
    theirs: ['STAR TLS'],
    ...VERB_OF_EIGHT,
    inTheirBytes: 'STARTTLS\r\n',
  },
  {
    file: 'given/suricata-verify--smtperr.pcap',
    stream: 0,
    what: 'commands',
    ours: [
      'G <e4>Y<e9>XH<cf><fe>?<04>Z<0b><a6>z<cf>\\<0c>7Zr<d1><8b>Z?><… (75)',
      '<b6>ZFP<cf>ZS<d6><c8>Z<80><<02>[* 5[<e9>nN[,<10><af>[<c1>:<c… (1490)',
      '<d9><ca><ba><c0><12><cb><13><a8>X<c2><d4><9c>GK<ce>HZK<db><c… (200)',
      '<ce>F<c4><c5><db>\\M<d2>AVM<cf><c2><d3>M<cd>><d0><c2>&<ca><d9… (282)',
    ],
    theirs: [],
    ...GARBAGE,
  },
  {
    file: 'given/suricata-verify--smtperr.pcap',
    stream: 0,
    what: 'replies',
    ours: ['500 | 5.5.1 Command unrecognized: "Nfde{\\mravmoBSmm>Pb&jYmGX… (113)'],
    theirs: ['500 | 5.5.1 Command unrecognized: "Nfde{\\mravmoBSmm>Pb&jYmGX… (96)'],
    ...LONG_TEXT,
  },
  {
    file: 'given/suricata-verify--smtperr.pcap',
    stream: 1,
    what: 'commands',
    ours: ['QUIT'],
    theirs: [],
    ...BEHIND_DOT,
  },
  {
    file: 'given/suricata-verify--smtperr.pcap',
    stream: 3,
    what: 'replies',
    ours: [
      '220 | v02.kerne.org ESMTP Postfix',
      '402 | 4.5.2 Error: command not recognized',
      '402 | 4.5.2 Error: command not recognized',
      '400 | 4.5.2 Error: bad syntax',
      'and 2 more',
    ],
    theirs: [],
    ...TLS_PORT,
    inTheirBytes: '402 4.5.2 Error: command not recognized',
  },
  {
    file: 'given/suricata-verify--smtpsuricataflowbitsFN.pcap',
    stream: 0,
    what: 'commands',
    ours: ['QUIT'],
    theirs: [],
    ...BEHIND_DOT,
    inTheirBytes: '\r\n.\r\nQUIT\r\n',
  },
  {
    file: 'given/zeek--smtp-bdat-cmd-invalid.pcapng',
    stream: 0,
    what: 'commands',
    ours: ['QUIT'],
    theirs: [],
    ...BDAT,
    inTheirBytes: 'QUIT\r\n',
  },
  {
    file: 'given/zeek--smtp-bdat-cmd-invalid.pcapng',
    stream: 1,
    what: 'commands',
    ours: ['QUIT'],
    theirs: [],
    ...BDAT,
    inTheirBytes: 'QUIT\r\n',
  },
  {
    file: 'given/zeek--smtp-bdat-pipeline-8bitmime.pcap',
    stream: 0,
    what: 'commands',
    ours: [
      'MAIL From:<linux-kernel-owner@vger.kernel.org> BODY=8BITMIME… (70)',
      'RCPT To:<trafficwatcher@foundit.scootmail.com>',
      'BDAT 4404 LAST',
      'MAIL From:<linux-kernel-owner@vger.kernel.org> BODY=8BITMIME… (70)',
      'and 2 more',
    ],
    theirs: [],
    ...BDAT,
    inTheirBytes: 'BDAT 4404 LAST\r\n',
  },
  { file: 'given/zeek--smtp-one-side-only.pcap', stream: 0, what: 'commands', ours: [], theirs: ['QUIT'], ...ONE_SIDE },
  {
    file: 'given/zeek--truncated-header.pcap',
    stream: 0,
    what: 'client bytes',
    ours: ['168 bytes, from 0: [24 bytes missing in capture file][58 bytes missing in captu… (168)'],
    theirs: ['0 bytes, from 0: '],
    ...CUT_PACKETS,
  },
  {
    file: 'given/zeek--truncated-header.pcap',
    stream: 0,
    what: 'server bytes',
    ours: ['205 bytes, from 0: [84 bytes missing in capture file][204 bytes missing in capt… (205)'],
    theirs: ['0 bytes, from 0: '],
    ...CUT_PACKETS,
  },
];

type StreamJudgement = Pick<StreamDifference, 'right' | 'proof'>;

// In each of them Wireshark has our bytes: these directions have no difference in the list above, which the test asks.
const PADDED: StreamJudgement = {
  right: 'smtpscope',
  proof:
    'The last bytes lie behind the end that the IP header gives its packet: padding of the Ethernet frame. tcpflow takes them for payload.',
};
const UNREASSEMBLED: StreamJudgement = {
  right: 'smtpscope',
  proof:
    'The packets came in IP fragments. tcpflow does not put them together: it leaves zeros where Wireshark has the bytes.',
};
const LAST_WINS: StreamJudgement = {
  right: 'both',
  proof:
    'The client sends other bytes for a range that it had sent before. We keep the first, as Wireshark does; tcpflow the last. What the server took is not on the wire.',
};
const LINK: StreamJudgement = {
  right: 'smtpscope',
  proof:
    'The first packet of the client carries EHLO; behind this link header tcpflow does not find it and leaves zeros.',
};

export const TCPFLOW_DIFFERENCES: readonly StreamDifference[] = [
  {
    file: 'format/fragments.pcap',
    from: 'client',
    ours: ['92 bytes, from 8: ent.example<0d><0a>MAIL FROM:<anna@client.example><0d><0a>RC… (108)'],
    theirs: ['92 bytes, from 8: <00><00><00><00><00><00><00><00><00><00><00><00><00>MAIL FRO… (276)'],
    ...UNREASSEMBLED,
  },
  {
    file: 'format/fragments.pcap',
    from: 'server',
    ours: ['311 bytes, from 8: .example ESMTP Postfix<0d><0a>250-mail.example<0d><0a>250-PI… (387)'],
    theirs: ['304 bytes, from 8: <00><00><00><00><00><00><00><00><00><00><00><00><00><00><00>… (1040)'],
    ...UNREASSEMBLED,
  },
  {
    file: 'format/ppp.pcap',
    from: 'client',
    ours: ['92 bytes, from 0: EHLO client.example<0d><0a>MAIL FROM:<anna@client.example><0… (116)'],
    theirs: ['92 bytes, from 0: <00><00><00><00><00><00><00><00><00><00><00><00><00><00><00>… (173)'],
    ...LINK,
  },
  {
    file: 'format/wlan-radiotap.pcap',
    from: 'client',
    ours: ['92 bytes, from 0: EHLO client.example<0d><0a>MAIL FROM:<anna@client.example><0… (116)'],
    theirs: ['92 bytes, from 0: <00><00><00><00><00><00><00><00><00><00><00><00><00><00><00>… (266)'],
    ...LINK,
  },
  {
    file: 'given/arkime--smtp-data-250.pcap',
    from: 'client',
    ours: ['1063 bytes, from 1063: '],
    theirs: ['1069 bytes, from 1063: <00><00><00><00><00><00>'],
    ...PADDED,
  },
  {
    file: 'given/arkime--smtp-data-250.pcap',
    from: 'server',
    ours: ['835 bytes, from 835: '],
    theirs: ['841 bytes, from 835: <00><00><00><00><00><00>'],
    ...PADDED,
  },
  {
    file: 'given/arkime--smtp-subject-8859-b.pcap',
    from: 'client',
    ours: ['1666 bytes, from 1666: '],
    theirs: ['1672 bytes, from 1666: <00><00><00><00><00><00>'],
    ...PADDED,
  },
  {
    file: 'given/arkime--smtp-subject-multi-nospace.pcap',
    from: 'server',
    ours: ['0 bytes, from 0: '],
    theirs: ['2 bytes, from 0: <00><00>'],
    ...PADDED,
  },
  {
    file: 'given/httpreplay--smtp-auth-login.pcap',
    from: 'server',
    ours: ['285 bytes, from 285: '],
    theirs: ['291 bytes, from 285: <00><00><00><00><00><00>'],
    ...PADDED,
  },
  {
    file: 'given/suricata-verify--1flowB.pcap',
    from: 'client',
    ours: ['964296 bytes, from 964296: '],
    theirs: ['964302 bytes, from 964296: 250 2.'],
    ...PADDED,
  },
  {
    file: 'given/suricata-verify--mime-quoted-printable.pcap',
    from: 'server',
    ours: ['285 bytes, from 285: '],
    theirs: ['291 bytes, from 285: <00><00><00><00><00><00>'],
    ...PADDED,
  },
  {
    file: 'given/suricata-verify--smtp-bug-5981.pcap',
    from: 'client',
    ours: ['15292 bytes, from 1581: AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA… (14413)'],
    theirs: ['15292 bytes, from 1581: PszNgHoAqQD5AcT7QKAfQqA<0d><0a>AAAqCbAJ8ASQ1GF0BbFSDeBoCYAB0… (14797)'],
    ...LAST_WINS,
  },
  {
    file: 'given/suricata-verify--smtp-bug-5981.pcap',
    from: 'server',
    ours: ['285 bytes, from 285: '],
    theirs: ['291 bytes, from 285: <00><00><00><00><00><00>'],
    ...PADDED,
  },
  {
    file: 'given/suricata-verify--smtp-file-data-01.pcap',
    from: 'client',
    ours: ['17334 bytes, from 17334: '],
    theirs: ['17338 bytes, from 17334: R<ff>[<d8>'],
    ...PADDED,
  },
  {
    file: 'given/suricata-verify--smtp-long-DATA-line.pcap',
    from: 'client',
    ours: ['15292 bytes, from 3041: AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA… (12839)'],
    theirs: ['15292 bytes, from 3041: SRfPQxDciRSPXxQqRzLU/I5B2kO2HbgTNBf8ggOwssllM<0d><0a>KWrjiup… (13223)'],
    ...LAST_WINS,
  },
  {
    file: 'given/suricata-verify--smtp-long-DATA-line.pcap',
    from: 'server',
    ours: ['285 bytes, from 285: '],
    theirs: ['291 bytes, from 285: <00><00><00><00><00><00>'],
    ...PADDED,
  },
  {
    file: 'given/suricata-verify--smtp-raw-extraction.pcap',
    from: 'server',
    ours: ['285 bytes, from 285: '],
    theirs: ['291 bytes, from 285: <00><00><00><00><00><00>'],
    ...PADDED,
  },
  {
    file: 'given/suricata-verify--smtperr.pcap',
    from: 'client',
    ours: ['36472 bytes, from 36472: '],
    theirs: ['36478 bytes, from 36472: <00><00><00><00><00><00>'],
    ...PADDED,
  },
];
