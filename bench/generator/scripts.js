/**
 * The catalogue of SMTP dialogues that corpora are made of, each with what it must be taken for. Weights are shares of
 * sessions. A script knows nothing of packets; `tcp-flow.js` knows nothing of SMTP.
 */

import { createHmac } from 'node:crypto';
import { makeBodies } from './bodies.js';
import { Dialogue } from './dialogue.js';
import { applicationData, applicationPool, clientFinished, clientHello, serverFlight } from './tls-records.js';

const TLS_RECORD = 4096;
const TLS_RECORDS = 64;

/**
 * @typedef {object} Script
 * @property {string} name
 * @property {number} weight
 * @property {25 | 587} port
 * @property {(world: World, dialogue: Dialogue) => void} write
 * @property {'complete' | 'unanswered' | 'refused'} [opening]
 */

/** What all dialogues of a corpus draw from. */
export class World {
  /**
   * @param {import('./random.js').Random} random
   * @param {{ bodies: number, smallest: number, largest: number }} sizes of the messages
   */
  constructor(random, sizes) {
    this.random = random;
    this.bodies = makeBodies(random, sizes.bodies, sizes.smallest, sizes.largest);
    this.tlsPool = applicationPool(random, TLS_RECORDS, TLS_RECORD);
    this.serial = 0;
  }

  /** Header fields (with the empty line), body and subject of one more message. */
  message(sender = 'sender@client.example', recipient = 'user@server.example') {
    this.serial += 1;
    const serial = this.serial;
    const body = this.random.pick(this.bodies);
    const subject = `${this.random.pick(['Weekly report', 'Order', 'Re: Meeting', 'Invoice', 'Minutes'])} ${serial}`;
    const queueId = (0x40000 + serial).toString(16).toUpperCase();
    const headers = [
      `Received: from desk${serial % 97}.client.example (desk${serial % 97}.client.example [192.0.2.${1 + (serial % 200)}])`,
      `\tby out.client.example (Postfix) with ESMTP id ${queueId}`,
      `\tfor <${recipient}>; Tue, 14 Nov 2023 22:13:20 +0000 (UTC)`,
      `From: Sender ${serial % 331} <${sender}>`,
      `To: <${recipient}>`,
      `Subject: ${subject}`,
      'Date: Tue, 14 Nov 2023 22:13:20 +0000',
      `Message-ID: <${serial}.${queueId}@client.example>`,
      'MIME-Version: 1.0',
      `Content-Type: ${body.contentType}`,
      '',
      '',
    ].join('\r\n');
    return { headers, body, subject, queueId };
  }
}

/** What a server offers after EHLO. @typedef {{ pipelining?: boolean, chunking?: boolean, startTls?: boolean, auth?: string }} Offer */

/** @param {World} world @param {Dialogue} d @param {Offer} offer */
function greet(world, d, offer) {
  d.reply(null, '220 mx1.server.example ESMTP Postfix');
  hello(world, d, offer);
}

/** @param {World} world @param {Dialogue} d @param {Offer} offer */
function hello(world, d, offer) {
  const name = `out${world.random.below(40)}.client.example`;
  const ehlo = d.command(world.random.chance(0.03) ? `ehlo ${name}` : `EHLO ${name}`, 'EHLO');
  const keywords = ['SIZE 52428800', 'ENHANCEDSTATUSCODES', '8BITMIME', 'DSN'];
  if (offer.pipelining) keywords.unshift('PIPELINING');
  if (offer.chunking) keywords.push('CHUNKING');
  if (offer.startTls) keywords.push('STARTTLS');
  if (offer.auth) keywords.push(`AUTH ${offer.auth}`);
  const lines = ['mx1.server.example', ...keywords];
  d.reply(ehlo, ...lines.map((line, i) => `250${i === lines.length - 1 ? ' ' : '-'}${line}`));
}

/** QUIT, its reply, and the close: mostly the client's, as the connection is its own. @param {World} world @param {Dialogue} d */
function quit(world, d) {
  const command = d.command('QUIT');
  d.reply(command, '221 2.0.0 Bye');
  d.closing = world.random.chance(0.5) ? 'client-fin' : 'server-fin';
}

/** Mail follows without TLS. @param {Dialogue} d @param {Offer} offer */
function mailInClear(d, offer) {
  if (offer.startTls) d.findings.add('starttls-offered-unused');
}

/** @param {World} world */
function sender(world) {
  return `sender${world.random.below(331)}@client.example`;
}

/** @param {World} world */
function recipient(world) {
  return `user${world.random.below(2000)}@server.example`;
}

/**
 * One transaction up to and with the reply to the message, step by step.
 * @param {World} world @param {Dialogue} d
 * @param {{ recipients: number, unknown?: number, final?: string }} plan `unknown` recipients are refused
 */
function stepwise(world, d, plan) {
  const from = sender(world);
  d.reply(d.command(`MAIL FROM:<${from}> SIZE=${world.random.between(1000, 90000)}`), '250 2.1.0 Ok');
  const first = recipient(world);
  for (let i = 0; i < plan.recipients; i++) {
    d.recipientReply(d.command(`RCPT TO:<${i === 0 ? first : recipient(world)}>`), '250 2.1.5 Ok');
  }
  for (let i = 0; i < (plan.unknown ?? 0); i++) {
    const to = `gone${world.random.below(500)}@server.example`;
    d.recipientReply(d.command(`RCPT TO:<${to}>`), unknownUser(to));
  }
  d.reply(d.command('DATA'), '354 End data with <CR><LF>.<CR><LF>');
  const { headers, body, subject, queueId } = world.message(from, first);
  const turn = d.messageData(headers, body);
  d.answered(headers, body, d.reply(turn, plan.final ?? `250 2.0.0 Ok: queued as ${queueId}`), subject);
}

/**
 * The same with the envelope in one flight and, where `leave` says so, QUIT behind the message, as Postfix does.
 * @param {World} world @param {Dialogue} d
 * @param {{ recipients: number, unknown?: number, final?: string, leave?: boolean }} plan
 */
function pipelined(world, d, plan) {
  const from = sender(world);
  const first = recipient(world);
  const mail = d.command(`MAIL FROM:<${from}> SIZE=${world.random.between(1000, 90000)} BODY=8BITMIME`);
  /** @type {[number, string][]} */
  const answers = [];
  for (let i = 0; i < plan.recipients; i++) {
    const to = i === 0 ? first : recipient(world);
    answers.push([d.command(`RCPT TO:<${to}> ORCPT=rfc822;${to}`), '250 2.1.5 Ok']);
  }
  for (let i = 0; i < (plan.unknown ?? 0); i++) {
    const to = `gone${world.random.below(500)}@server.example`;
    answers.push([d.command(`RCPT TO:<${to}> ORCPT=rfc822;${to}`), unknownUser(to)]);
  }
  const data = d.command('DATA');
  d.reply(mail, '250 2.1.0 Ok');
  for (const [turn, line] of answers) d.recipientReply(turn, line);
  d.reply(data, '354 End data with <CR><LF>.<CR><LF>');
  const { headers, body, subject, queueId } = world.message(from, first);
  const turn = d.messageData(headers, body);
  const leave = plan.leave ? d.command('QUIT') : null;
  d.answered(headers, body, d.reply(turn, plan.final ?? `250 2.0.0 Ok: queued as ${queueId}`), subject);
  if (leave !== null) {
    d.reply(leave, '221 2.0.0 Bye');
    d.closing = 'server-fin';
  }
}

/** @param {string} to */
function unknownUser(to) {
  return `550 5.1.1 <${to}>: Recipient address rejected: User unknown in local recipient table`;
}

/** Chunks of at most 32 KiB, each answered before the next; now and then an empty last one. @param {World} world @param {Dialogue} d */
function chunked(world, d) {
  const from = sender(world);
  const to = recipient(world);
  d.reply(d.command(`MAIL FROM:<${from}>`), '250 2.1.0 Ok');
  d.recipientReply(d.command(`RCPT TO:<${to}>`), '250 2.1.5 Ok');
  const { headers, body, subject, queueId } = world.message(from, to);
  const chunkBytes = world.random.pick([8192, 16384, 32768]);
  const emptyLast = world.random.chance(0.2);
  let code = 0;
  for (let at = 0; at < body.raw.length || at === 0; at += chunkBytes) {
    const end = Math.min(body.raw.length, at + chunkBytes);
    const text = at === 0 ? headers : '';
    const bytes = text.length + end - at;
    const last = end === body.raw.length && !emptyLast;
    const command = d.command(`BDAT ${bytes}${last ? ' LAST' : ''}`);
    d.chunk(text, body.raw, at, end);
    code = d.reply(command, last ? `250 2.0.0 Ok: queued as ${queueId}` : `250 2.0.0 Ok: ${bytes} octets received`);
  }
  if (emptyLast) code = d.reply(d.command('BDAT 0 LAST'), `250 2.0.0 Ok: queued as ${queueId}`);
  d.answered(headers, body, code, subject);
}

/** @param {string} text */
function base64(text) {
  return Buffer.from(text, 'latin1').toString('base64');
}

/**
 * An AUTH exchange in clear by one of three mechanisms.
 * @param {World} world @param {Dialogue} d @param {boolean} accepted
 */
function authenticate(world, d, accepted) {
  const identity = `user${world.random.below(800)}@client.example`;
  const password = accepted ? `pass-${world.random.next().toString(36)}` : 'old-password';
  const mechanism = world.random.pick(['PLAIN', 'PLAIN', 'LOGIN', 'CRAM-MD5']);
  let last;
  if (mechanism === 'PLAIN') {
    const response = base64(`\0${identity}\0${password}`);
    if (world.random.chance(0.7)) {
      last = d.command(`AUTH PLAIN ${response}`);
    } else {
      d.reply(d.command('AUTH PLAIN'), '334 ');
      last = d.authLine(response);
    }
  } else if (mechanism === 'LOGIN') {
    d.reply(d.command('AUTH LOGIN'), '334 VXNlcm5hbWU6');
    d.reply(d.authLine(base64(identity)), '334 UGFzc3dvcmQ6');
    last = d.authLine(base64(password));
  } else {
    const challenge = `<${world.random.next()}.${world.random.next()}@mx1.server.example>`;
    d.reply(d.command('AUTH CRAM-MD5'), `334 ${base64(challenge)}`);
    last = d.authLine(base64(`${identity} ${createHmac('md5', password).update(challenge).digest('hex')}`));
  }
  if (accepted) d.reply(last, '235 2.7.0 Authentication successful');
  else d.reply(last, '535 5.7.8 Error: authentication failed: authentication failure');
  d.authentication.push({ mechanism, outcome: accepted ? 'accepted' : 'rejected', identity });
  if (mechanism !== 'CRAM-MD5') d.findings.add('credentials-in-clear');
  if (!accepted) d.findings.add('auth-535');
}

/** 1 message mostly, now and then up to 4. @param {World} world */
function messageCount(world) {
  return world.random.pick([1, 1, 1, 1, 1, 2, 2, 3, 4]);
}

/** 1 recipient mostly, now and then up to 12. @param {World} world */
function recipientCount(world) {
  return world.random.pick([1, 1, 1, 1, 1, 2, 2, 3, 5, 12]);
}

/** @type {Script[]} */
const DELIVERING = [
  {
    name: 'deliver-stepwise',
    weight: 18,
    port: 25,
    write(world, d) {
      const offer = { startTls: world.random.chance(0.3) };
      greet(world, d, offer);
      mailInClear(d, offer);
      for (let i = messageCount(world); i > 0; i--) stepwise(world, d, { recipients: recipientCount(world) });
      quit(world, d);
    },
  },
  {
    name: 'deliver-pipelined',
    weight: 30,
    port: 25,
    write(world, d) {
      const offer = { pipelining: true, startTls: world.random.chance(0.3) };
      greet(world, d, offer);
      mailInClear(d, offer);
      const messages = messageCount(world);
      const leave = world.random.chance(0.5);
      for (let i = 1; i <= messages; i++) {
        pipelined(world, d, { recipients: recipientCount(world), leave: leave && i === messages });
      }
      if (!leave) quit(world, d);
    },
  },
  {
    name: 'deliver-authenticated',
    weight: 14,
    port: 587,
    write(world, d) {
      greet(world, d, { pipelining: true, auth: 'PLAIN LOGIN CRAM-MD5' });
      authenticate(world, d, true);
      const deliver = world.random.chance(0.5) ? pipelined : stepwise;
      for (let i = messageCount(world); i > 0; i--) deliver(world, d, { recipients: recipientCount(world) });
      quit(world, d);
    },
  },
  {
    name: 'deliver-chunked',
    weight: 6,
    port: 25,
    write(world, d) {
      greet(world, d, { pipelining: true, chunking: true });
      for (let i = messageCount(world); i > 0; i--) chunked(world, d);
      quit(world, d);
    },
  },
  {
    name: 'deliver-after-helo',
    weight: 1,
    port: 25,
    write(world, d) {
      d.reply(null, '220 mx1.server.example ready');
      d.reply(d.command('EHLO out.client.example'), '502 5.5.2 Error: command not recognized');
      d.reply(d.command('HELO out.client.example'), '250 mx1.server.example');
      stepwise(world, d, { recipients: 1 });
      quit(world, d);
    },
  },
  {
    name: 'deliver-beside-unknown',
    weight: 6,
    port: 25,
    write(world, d) {
      greet(world, d, { pipelining: true });
      const deliver = world.random.chance(0.5) ? pipelined : stepwise;
      deliver(world, d, { recipients: recipientCount(world), unknown: world.random.between(1, 3) });
      quit(world, d);
    },
  },
];

/** @type {Script[]} */
const FAILING = [
  {
    name: 'partly-delivered',
    weight: 3,
    port: 25,
    write(world, d) {
      greet(world, d, { pipelining: true });
      stepwise(world, d, { recipients: 1 });
      pipelined(world, d, { recipients: 2, final: '554 5.7.1 Message rejected as spam by Content Filtering.' });
      quit(world, d);
      d.outcome = 'partly-delivered';
    },
  },
  {
    name: 'relay-denied',
    weight: 4,
    port: 25,
    write(world, d) {
      greet(world, d, { pipelining: true });
      d.reply(d.command(`MAIL FROM:<${sender(world)}>`), '250 2.1.0 Ok');
      const to = `someone${world.random.below(900)}@elsewhere.example`;
      d.recipientReply(d.command(`RCPT TO:<${to}>`), `554 5.7.1 <${to}>: Relay access denied`);
      d.reply(d.command('RSET'), '250 2.0.0 Ok');
      quit(world, d);
      d.outcome = 'rejected';
      d.findings.add('relay-denied');
    },
  },
  {
    name: 'all-unknown-pipelined',
    weight: 3,
    port: 25,
    write(world, d) {
      greet(world, d, { pipelining: true });
      const mail = d.command(`MAIL FROM:<${sender(world)}>`);
      const to = `gone${world.random.below(500)}@server.example`;
      const rcpt = d.command(`RCPT TO:<${to}>`);
      const data = d.command('DATA');
      d.reply(mail, '250 2.1.0 Ok');
      d.recipientReply(rcpt, unknownUser(to));
      d.reply(data, '554 5.5.1 Error: no valid recipients');
      quit(world, d);
      d.outcome = 'rejected';
    },
  },
  {
    name: 'deferred',
    weight: 5,
    port: 25,
    write(world, d) {
      greet(world, d, {});
      d.reply(d.command(`MAIL FROM:<${sender(world)}>`), '250 2.1.0 Ok');
      const to = recipient(world);
      d.recipientReply(
        d.command(`RCPT TO:<${to}>`),
        `450 4.2.0 <${to}>: Recipient address rejected: Greylisted, see http://postgrey.server.example/`,
      );
      quit(world, d);
      d.outcome = 'deferred';
    },
  },
  {
    name: 'authentication-failed',
    weight: 4,
    port: 587,
    write(world, d) {
      greet(world, d, { auth: 'PLAIN LOGIN CRAM-MD5' });
      authenticate(world, d, false);
      quit(world, d);
      d.outcome = 'authentication-failed';
    },
  },
  {
    name: 'authentication-required',
    weight: 1.5,
    port: 587,
    write(world, d) {
      greet(world, d, { auth: 'PLAIN LOGIN' });
      d.reply(d.command(`MAIL FROM:<${sender(world)}>`), '530 5.7.0 Authentication required');
      quit(world, d);
      d.outcome = 'rejected';
      d.findings.add('auth-530');
    },
  },
  {
    name: 'ehlo-quit-auth-offered',
    weight: 3,
    port: 25,
    write(world, d) {
      greet(world, d, {
        pipelining: true,
        auth: world.random.pick(['CRAM-MD5 LOGIN PLAIN', 'PLAIN LOGIN', 'DIGEST-MD5']),
      });
      quit(world, d);
      d.outcome = 'aborted';
      d.findings.add('ehlo-quit-auth-offered');
    },
  },
  {
    name: 'ehlo-quit-no-auth',
    weight: 1.5,
    port: 25,
    write(world, d) {
      greet(world, d, { pipelining: true });
      quit(world, d);
      d.outcome = 'idle';
      d.findings.add('ehlo-quit-no-auth');
    },
  },
  {
    name: 'starttls',
    weight: 8,
    port: 25,
    write(world, d) {
      const { random } = world;
      greet(world, d, { pipelining: true, startTls: true });
      d.reply(d.command('STARTTLS'), '220 2.0.0 Ready to start TLS');
      d.tls(true, clientHello(random, 'mx1.server.example'));
      d.tls(false, serverFlight(random));
      d.tls(true, clientFinished(random));
      d.tls(false, applicationData(random, 300));
      d.tls(true, applicationData(random, 160));
      d.tls(false, applicationData(random, 90));
      const records = random.between(1, 20);
      const first = random.below(TLS_RECORDS - records);
      d.tls(true, world.tlsPool, first * TLS_RECORD, (first + records) * TLS_RECORD);
      d.tls(false, applicationData(random, 60));
      d.tls(true, applicationData(random, 23));
      d.tls(false, applicationData(random, 34));
      d.outcome = 'encrypted';
    },
  },
  {
    name: 'greeting-5xx',
    weight: 1,
    port: 25,
    write(world, d) {
      d.reply(null, '554 5.7.1 mx1.server.example: no service for you here');
      quit(world, d);
      d.outcome = 'rejected';
      d.findings.add('greeting-5xx');
    },
  },
  {
    name: 'greeting-4xx',
    weight: 1,
    port: 25,
    write(_world, d) {
      d.reply(null, '421 4.3.2 mx1.server.example: too busy, try again later');
      d.closing = 'server-fin';
      d.outcome = 'deferred';
      d.findings.add('greeting-4xx');
    },
  },
  {
    name: 'left-in-message',
    weight: 0.7,
    port: 25,
    write(world, d) {
      greet(world, d, {});
      d.reply(d.command(`MAIL FROM:<${sender(world)}>`), '250 2.1.0 Ok');
      d.recipientReply(d.command(`RCPT TO:<${recipient(world)}>`), '250 2.1.5 Ok');
      d.reply(d.command('DATA'), '354 End data with <CR><LF>.<CR><LF>');
      const { headers, body } = world.message();
      d.brokenMessage(headers, body.stuffed.subarray(0, Math.floor(body.stuffed.length / 3)));
      d.closing = 'client-rst';
      d.outcome = 'aborted';
    },
  },
];

/** Connections on which no payload flows. @type {Script[]} */
const SILENT = [
  {
    name: 'drop-before-greeting',
    weight: 0.7,
    port: 25,
    write(world, d) {
      d.closing = world.random.chance(0.7) ? 'server-fin' : 'server-rst';
      d.outcome = 'no-greeting';
      d.service = 'silent';
      d.findings.add('drop-before-greeting');
    },
  },
  {
    name: 'greeting-timeout',
    weight: 0.3,
    port: 25,
    write(_world, d) {
      d.sleepUs = 45e6;
      d.outcome = 'no-greeting';
      d.service = 'silent';
      d.findings.add('greeting-timeout');
    },
  },
  {
    name: 'syn-unanswered',
    weight: 0.5,
    port: 25,
    opening: 'unanswered',
    write(_world, d) {
      d.closing = 'none';
      d.outcome = 'not-connected';
      d.service = 'silent';
      d.findings.add('port25-syn-unanswered');
    },
  },
  {
    name: 'rst-to-syn',
    weight: 0.5,
    port: 25,
    opening: 'refused',
    write(_world, d) {
      d.closing = 'none';
      d.outcome = 'not-connected';
      d.service = 'silent';
      d.findings.add('port25-rst-to-syn');
    },
  },
];

/** Rules that a truth speaks about: of these exactly the expected ones must be raised, others are not looked at. */
export const JUDGED_RULES = [
  'ehlo-quit-auth-offered',
  'ehlo-quit-no-auth',
  'port25-syn-unanswered',
  'port25-rst-to-syn',
  'connect-icmp-unreachable',
  'drop-before-greeting',
  'greeting-timeout',
  'greeting-4xx',
  'greeting-5xx',
  'auth-535',
  'auth-530',
  'credentials-in-clear',
  'relay-denied',
  'starttls-offered-unused',
  'mid-stream',
  'one-side-missing',
  'gap',
  'snaplen-truncated',
  'overlap-conflict',
];

export const ALL_SCRIPTS = [...DELIVERING, ...FAILING, ...SILENT];
/** Scripts with payload and an orderly close: what a hostile network can disturb without making it something else. */
export const DISTURBABLE_SCRIPTS = [...DELIVERING, ...FAILING].filter((script) => script.name !== 'left-in-message');
/** Scripts that can stand still with a transaction behind them. */
export const DELIVERING_SCRIPTS = DELIVERING;

/** A picker by weight. @param {readonly Script[]} scripts */
export function weighted(scripts) {
  const total = scripts.reduce((sum, script) => sum + script.weight, 0);
  /** @param {import('./random.js').Random} random @returns {Script} */
  return (random) => {
    let left = (random.next() / 0x1_0000_0000) * total;
    for (const script of scripts) {
      left -= script.weight;
      if (left < 0) return script;
    }
    return /** @type {Script} */ (scripts.at(-1));
  };
}
