/** docs/smtp.md, drawn from the tables of verbs and phases; a test holds it to them. */
import {
  AUTH_ANSWER,
  COMMAND_PHASES,
  END_OF_BLOB,
  END_OF_MESSAGE,
  GREETING,
  type NextPhase,
  PHASES,
  type Phase,
  type Step,
  stepOf,
  WORDS,
  type Word,
} from '../../src/smtp/phases.ts';
import { VERB_REPLIES } from '../../src/smtp/verb-replies.ts';
import { VERB_NAMES } from '../../src/smtp/verbs.ts';

/** The tables as a page of Markdown. */
export function smtpPage(): string {
  const rows = Object.entries(VERB_REPLIES).map(
    ([verb, { codes, place, document }]) =>
      `| \`${VERB_NAMES[Number(verb)]}\` | ${codes.join(', ')} | ${place} | ${document} |`,
  );
  return [
    '# Commands, their replies and their order',
    '',
    'Drawn from `src/smtp/verb-replies.ts` and `src/smtp/phases.ts` by `npx vitest run test/smtp/phases.test.ts -u`.',
    '',
    'Every command may be refused with any 4xx or 5xx, and a server may say 421 at any time (RFC 5321 §3.8, §4.3.2).',
    'Where bytes of the client were not captured, a reply is given to a command behind the hole only if its code is one',
    'that the command can get, and only if the client had waited for replies since; otherwise it stands alone.',
    '',
    '| command | replies when all is well | where it may stand | document |',
    '|---|---|---|---|',
    ...rows,
    '',
    ...phaseSection(),
    '## Where one reply ends',
    '',
    'A reply ends at the first line without a hyphen behind its code, whatever the codes of its lines: so read Postfix,',
    'Sendmail, Exim, msmtp and nodemailer. Where the codes differ, against RFC 5321 §4.2.1, its code is that of the last',
    'line (Postfix, Sendmail and Python go by that one, Exim, msmtp and nodemailer by the first), and',
    '[multiline-code-mismatch](rules/multiline-code-mismatch.md) says so. One case is two replies: a greeting whose last',
    'line never came, with the reply to an EHLO that was sent too early behind it, as postscreen sends them.',
    '',
    'The message has one reply; in LMTP one for each recipient that was accepted, and after a 353 (PRDR, Exim) one for',
    'each of them and one more.',
    '',
    '## Where the time went',
    '',
    'The silence before a turn is time that the other side waited. Where the speaker changes, as much of it is network as',
    'the handshake took on that side of the capture: SYN to SYN/ACK towards the server, SYN/ACK to ACK towards the client.',
    'The rest is thinking. In the records, `times` divides the duration of a session into client, server and network.',
    '',
  ].join('\n');
}

function phaseSection(): string[] {
  const columns = COMMAND_PHASES.filter((phase) => phase !== 'connected' && phase !== 'refused');
  return [
    '## Phases of a dialogue',
    '',
    'At each moment a dialogue stands in one of these phases. It says what the bytes of the client are.',
    '',
    '| phase | the client’s bytes are | it means | document |',
    '|---|---|---|---|',
    ...Object.entries(PHASES).map(
      ([phase, { reads, meaning, document }]) => `| ${phase} | ${reads} | ${meaning} | ${document} |`,
    ),
    '',
    'What a command makes of a phase (RFC 5321 §4.1.4, §4.3.2, and the documents of the extensions above). A cell has the',
    'phase behind a 2xx and, with an arrow, that behind a 3xx; “=” is the same phase. A refusal leaves the phase as it is',
    'unless the cell says otherwise. In brackets: the command is out of order there, a server ought to answer 503, and the',
    'phase is that where it takes the command all the same. [bad-sequence](rules/bad-sequence.md) walks this table.',
    '',
    `| command | ${columns.join(' | ')} |`,
    `|---|${columns.map(() => '---|').join('')}`,
    ...WORDS.map(
      (word) => `| \`${nameOf(word)}\` | ${columns.map((phase) => cellOf(stepOf(phase, word) as Step)).join(' | ')} |`,
    ),
    '',
    'In *connected* a client has to wait for the greeting, and in *refused* nothing but QUIT is in order; a command that is',
    'sent all the same does there what it does in *started*. In the phases that read no commands:',
    '',
    '| phase | what comes | 2xx | 3xx | refused |',
    '|---|---|---|---|---|',
    otherRow('connected', 'the greeting', GREETING),
    otherRow('auth', 'an answer to the challenge', AUTH_ANSWER),
    otherRow('text', 'the end of the message', END_OF_MESSAGE),
    otherRow('blob', 'the last of the octets', END_OF_BLOB),
    '',
    '“Back” is the phase in which AUTH or XEXCH50 was said. Behind TLS nothing is read; a server may end the dialogue with',
    '421 from any phase.',
    '',
  ];
}

function nameOf(word: Word): string {
  return typeof word === 'number' ? (VERB_NAMES[word] as string) : word;
}

function cellOf({ on2xx, on3xx, onRefusal, disorder }: Step): string {
  const ways = [
    ...(on2xx === null ? [] : [shown(on2xx)]),
    ...(on3xx === null ? [] : [`→ ${on3xx}`]),
    ...(onRefusal === 'back' ? [] : [`refused: ${onRefusal}`]),
  ].join(', ');
  return disorder === null ? ways : `(${ways})`;
}

function shown(next: NextPhase): string {
  return next === 'back' ? '=' : next;
}

function otherRow(phase: Phase, what: string, { on2xx, on3xx, onRefusal }: Step): string {
  return `| ${phase} | ${what} | ${on2xx ?? '–'} | ${on3xx ?? '–'} | ${onRefusal} |`;
}
