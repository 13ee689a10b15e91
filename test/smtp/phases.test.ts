/**
 * The tables of phases, against what the decoder makes of dialogues: each phase is brought about, each command said in
 * it, answered with each of its codes and with a refusal; where the dialogue then stands is read off what the decoder
 * takes the next lines for, and off the mails that the session is found to have.
 */
import { describe, expect, it } from 'vitest';
import { newPacketMeta } from '../../src/capture/packet-sink.ts';
import { outOfOrder } from '../../src/findings/sequence.ts';
import { createAnalysis, DEFAULT_PORTS } from '../../src/inspect.ts';
import {
  AUTH_ANSWER,
  COMMAND_PHASES,
  END_OF_BLOB,
  END_OF_MESSAGE,
  GREETING,
  PHASES,
  type Phase,
  phaseAfter,
  type Step,
  stepOf,
  WORDS,
  type Word,
} from '../../src/smtp/phases.ts';
import { Fact, type Session, Sign } from '../../src/smtp/session.ts';
import type { Turn } from '../../src/smtp/turn.ts';
import { VERB_REPLIES } from '../../src/smtp/verb-replies.ts';
import { VERB_NAMES, Verb } from '../../src/smtp/verbs.ts';
import { segmentsOf } from '../support/dialogue.ts';
import { packetOf } from '../support/segments.ts';
import { smtpPage } from './page.ts';

const GREETED = 'S: 220 mx.example ESMTP';
const HELLO = `${GREETED}\nC: EHLO client.example\nS: 250 mx.example`;
const MAIL = `${HELLO}\nC: MAIL FROM:<a@client.example>\nS: 250 ok`;
const RCPT = `${MAIL}\nC: RCPT TO:<b@mx.example>\nS: 250 ok`;

/** A dialogue that leads to the phase. */
const WAYS: Readonly<Record<Phase, string>> = {
  connected: '',
  refused: 'S: 554 no service here',
  started: GREETED,
  hello: HELLO,
  auth: `${HELLO}\nC: AUTH PLAIN\nS: 334`,
  mail: MAIL,
  rcpt: RCPT,
  text: `${RCPT}\nC: DATA\nS: 354 go on`,
  chunks: `${RCPT}\nC: BDAT 4\nC: ab\nS: 250 ok`,
  failed: `${RCPT}\nC: BDAT 4\nC: ab\nS: 452 full`,
  blob: `${RCPT}\nC: XEXCH50 40 2\nS: 354 Send binary data`,
  tls: `${HELLO}\nC: STARTTLS\nS: 220 go ahead`,
  turned: `${HELLO}\nC: TURN\nS: 250 your turn`,
  closed: `${HELLO}\nC: QUIT\nS: 221 bye`,
};

const LINES: Readonly<Record<string, string>> = {
  EHLO: 'EHLO again.example',
  HELO: 'HELO again.example',
  LHLO: 'LHLO again.example',
  MAIL: 'MAIL FROM:<c@client.example>',
  RCPT: 'RCPT TO:<d@mx.example>',
  BDAT: 'BDAT 4\nC: ab',
  'BDAT LAST': 'BDAT 4 LAST\nC: ab',
  AUTH: 'AUTH PLAIN',
  VRFY: 'VRFY b',
  EXPN: 'EXPN b',
  ETRN: 'ETRN client.example',
  BURL: 'BURL imap://mx.example/a',
  'BURL LAST': 'BURL imap://mx.example/a LAST',
  SEND: 'SEND FROM:<c@client.example>',
  SOML: 'SOML FROM:<c@client.example>',
  SAML: 'SAML FROM:<c@client.example>',
  XCLIENT: 'XCLIENT ADDR=192.0.2.9',
  XFORWARD: 'XFORWARD ADDR=192.0.2.9',
  XEXCH50: 'XEXCH50 40 2',
  'X-EXPS': 'X-EXPS NTLM',
};

const PROBE = '<probe@mx.example>';
const PROBES = `C: NOOP\nS: 250 ok\nC: RCPT TO:${PROBE}\nS: 250 ok`;
/** Who was the client greets, and who was the server speaks. */
const TURNED = 'C: 220 client.example\nS: NOOP\nC: 250 ok';
/** A client that is asked for TLS says it. */
const TLS_RECORD = 'C: \\x16\\x03\\x01\\x00\\x04\\x01\\x00\\x00\\x00\\-';

const RAW_IP = 101;

function sessionOf(text: string): Session {
  const sessions: Session[] = [];
  const analysis = createAnalysis({ ports: DEFAULT_PORTS, keepBodies: false }, ({ session }) => sessions.push(session));
  const meta = newPacketMeta();
  meta.linkType = RAW_IP;
  analysis.beginCapture('dialogue.pcap');
  for (const segment of segmentsOf(text)) {
    const packet = packetOf(segment, {});
    meta.frame++;
    meta.timeUs = meta.frame * 1000;
    meta.originalLength = packet.length;
    analysis.packet(packet, 0, packet.length, meta);
  }
  analysis.finish();
  expect(sessions).toHaveLength(1);
  return sessions[0] as Session;
}

function nameOf(word: Word): string {
  return typeof word === 'number' ? (VERB_NAMES[word] as string) : word;
}

/** The codes that may answer it; for those whose pieces the server asks for one by one, its own. */
function codesOf(word: Word): readonly number[] {
  const verb = typeof word === 'number' ? word : word === 'BDAT LAST' ? Verb.BDAT : Verb.BURL;
  return [...(VERB_REPLIES[verb] as { codes: readonly number[] }).codes, 503];
}

/** Where a dialogue stands that ended with the probes. */
function shownBy(session: Session): Phase {
  const { turns, transactions, greeting, hello } = session;
  if (turns.some(({ kind }) => kind === 'tls')) return 'tls';
  if (turns.some(({ from, verb }) => from === 'server' && verb === 'NOOP')) return 'turned';
  const probe = turns.find((turn) => turn.from === 'client' && /^NOOP\b/.test(turn.raw.toString('latin1')));
  const replied = (verb: string, code: number) =>
    turns.findLast((turn) => turn.verb === verb && turns[turn.answeredBy]?.code === code);
  if (probe === undefined) throw new Error('the probe is no turn of its own');
  if (probe.kind === 'auth') return 'auth';
  if (probe.kind === 'message') return 'text';
  if (probe.kind === 'unparsed') return 'blob';
  if (replied('QUIT', 221) !== undefined) return 'closed';
  const mail = transactions.find(({ recipients }) =>
    recipients.some(({ command }) => command.argument?.includes(PROBE)),
  );
  // What a server says to RCPT behind a MAIL that it refused opens no mail.
  if (mail !== undefined && (mail.mailReply?.code ?? 0) < 400) {
    if (mail.message !== null) {
      const chunk = turns[(mail.message.turns.at(-1) as Turn).index - 1] as Turn;
      return (turns[chunk.answeredBy]?.code ?? 0) < 400 ? 'chunks' : 'failed';
    }
    const others = mail.recipients.filter(({ command }) => !command.argument?.includes(PROBE));
    return others.some(({ code }) => code !== null && code < 400) ? 'rcpt' : 'mail';
  }
  const greeted = replied('XCLIENT', 220);
  if (greeted !== undefined && greeted.index > (hello?.turn.index ?? -1)) return 'started';
  if (hello?.accepted) return 'hello';
  return greeting !== null && greeting.code >= 400 ? 'refused' : 'started';
}

function dialogueOf(phase: Phase, said: string, code: number, next: Phase): string {
  const probes = next === 'tls' ? TLS_RECORD : next === 'turned' ? TURNED : PROBES;
  const answer = `S: ${code} so be it`;
  // Who speaks before the greeting gets it first.
  const exchange = phase === 'connected' ? `C: ${said}\n${GREETED}\n${answer}` : `C: ${said}\n${answer}`;
  return `${WAYS[phase]}\n${exchange}\n${probes}`;
}

/** What BURL fetches is not on this connection: until its LAST the mail shows as it did before. */
function seenAs(phase: Phase, word: Word, next: Phase): Phase {
  if (word === Verb.BURL) return phase === 'connected' ? 'started' : phase;
  return phase === 'connected' && next === 'connected' ? 'started' : next;
}

describe.each(COMMAND_PHASES)('%s', (phase) => {
  it.each(WORDS.map((word) => ({ word, name: nameOf(word) })))('$name leads where the table says', ({ word, name }) => {
    const taken = stepOf(phase, word) as Step;
    for (const code of codesOf(word)) {
      const isPossible = code >= 400 || (code >= 300 ? taken.on3xx : taken.on2xx) !== null;
      expect(isPossible, `${code} to ${name} has its place in the table`).toBe(true);
      const next = phaseAfter(phase, taken, code);
      const session = sessionOf(dialogueOf(phase, LINES[name] ?? name, code, next));
      expect(shownBy(session), `behind ${code}`).toBe(seenAs(phase, word, next));
    }
  });

  it('has a disorder for what is told, and sets off the rule that tells it', () => {
    for (const word of WORDS) {
      const taken = stepOf(phase, word) as Step;
      const [code] = codesOf(word) as [number];
      const session = sessionOf(
        dialogueOf(phase, LINES[nameOf(word)] ?? nameOf(word), code, phaseAfter(phase, taken, code)),
      );
      const verb = nameOf(word).split(' ')[0];
      const told = outOfOrder(session).filter(({ turn }) => turn.verb === verb && turn.argument !== `TO:${PROBE}`);
      // Speaking too early has a rule of its own; it changes nothing about the order.
      const { disorder } = stepOf(phase === 'connected' ? 'started' : phase, word) as Step;
      const isRuled = /^(?:mail|nested|rcpt|data)-/.test(disorder ?? '');
      expect(
        told.map(({ kind }) => kind),
        `${verb} in ${phase}`,
      ).toEqual(isRuled ? [disorder] : []);
      const isSetOff =
        (session.facts & (Fact.disorder | Fact.rareCommand)) !== 0 || (session.signs & Sign.outOfOrder) !== 0;
      if (outOfOrder(session).length > 0) expect(isSetOff, `${verb} in ${phase}`).toBe(true);
    }
  });
});

describe('phases that read no commands', () => {
  const shut = (Object.keys(PHASES) as Phase[]).filter((phase) => PHASES[phase].reads !== 'commands');

  it.each(shut)('%s has no cells, and a command in it is none', (phase) => {
    for (const word of WORDS) {
      expect(stepOf(phase, word)).toBe(null);
      if (phase === 'closed') continue;
      const line = LINES[nameOf(word)] ?? nameOf(word);
      const text = phase === 'tls' ? TLS_RECORD : `C: ${line}`;
      const { turns } = sessionOf(`${WAYS[phase]}\n${text}`);
      const before = sessionOf(WAYS[phase]).turns.length;
      for (const turn of turns.slice(before)) expect(turn.kind, `${line} in ${phase}`).not.toBe('command');
    }
  });

  it.each([
    { phase: 'auth', said: 'AGEAYg==', codes: [235, 334, 535], step: AUTH_ANSWER },
    { phase: 'text', said: 'Subject: s\nC:\nC: .', codes: [250, 554], step: END_OF_MESSAGE },
    { phase: 'blob', said: `${'x'.repeat(38)}`, codes: [250, 554], step: END_OF_BLOB },
  ] as const)('$phase ends as the table says', ({ phase, said, codes, step }) => {
    const began: Phase = phase === 'auth' ? 'hello' : 'rcpt';
    for (const code of codes) {
      const next = phaseAfter(began, step, code);
      expect(shownBy(sessionOf(dialogueOf(phase, said, code, next))), `behind ${code}`).toBe(next);
    }
  });

  it.each([220, 554])('connected ends with a greeting: %i', (code) => {
    expect(shownBy(sessionOf(`S: ${code} mx.example\n${PROBES}`))).toBe(phaseAfter('connected', GREETING, code));
  });
});

it('is what docs/smtp.md shows', async () => {
  await expect(smtpPage()).toMatchFileSnapshot('../../docs/smtp.md');
});
