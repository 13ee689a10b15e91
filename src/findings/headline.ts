/** One sentence for a person: what this session came to. */
import type { Session, Transaction } from '../smtp/session.ts';
import { findRule } from './index.ts';
import { explains } from './order.ts';
import type { Finding } from './rule.ts';
import { count, quote } from './words.ts';

/** `findings` in the order of `diagnose`: the first one's message when it explains the outcome, else the outcome. */
export function headline(session: Session, findings: readonly Finding[]): string {
  const first = findings[0];
  if (first !== undefined) {
    const rule = findRule(first.rule);
    if (rule?.scope === 'session' && explains(rule, first.severity, session.outcome)) return first.message;
  }
  return outcomeInWords(session);
}

function outcomeInWords(session: Session): string {
  switch (session.outcome) {
    case 'not-connected':
      return `No connection to ${session.server.address} port ${session.server.port}`;
    case 'not-smtp':
      return session.service === 'other' ? 'Not SMTP' : `Not SMTP: ${session.service.toUpperCase()}`;
    case 'delivered':
      return `Delivered: ${deliveredWords(session)}`;
    case 'partly-delivered':
      return `Partly delivered: ${deliveredWords(session)}`;
    case 'encrypted':
      return encryptedWords(session);
    case 'authentication-failed':
      return lastLoginWords(session);
    case 'rejected':
      return refusalWords(session, 5, 'Rejected');
    case 'deferred':
      return refusalWords(session, 4, 'Deferred');
    case 'incomplete':
      return 'The capture does not hold enough of this session to say what it came to';
    case 'no-greeting':
      return 'Connected, and the server never greeted';
    case 'aborted':
      return abortedWords(session);
    case 'idle':
      return session.greeting === null ? 'Left idle; nothing was said' : 'Left idle: no mail was asked for';
  }
}

function deliveredWords(session: Session): string {
  let messages = 0;
  let accepted = 0;
  let refused = 0;
  let failed = 0;
  for (const { message, recipients } of session.transactions) {
    const isDelivered = message !== null && isPositive(message.code);
    if (isDelivered) messages++;
    else if (message !== null) failed++;
    for (const { code } of recipients) {
      if (isPositive(code)) accepted += isDelivered ? 1 : 0;
      else if (code !== null && code >= 400) refused++;
    }
  }
  return (
    `${count(messages, 'message')} to ${count(accepted, 'recipient')}` +
    `${failed === 0 ? '' : `, ${count(failed, 'message')} not accepted`}` +
    `${refused === 0 ? '' : `; ${count(refused, 'recipient')} refused`}`
  );
}

function encryptedWords({ encryption }: Session): string {
  const version = encryption?.version ?? 'TLS';
  return encryption?.by === 'starttls'
    ? `Encrypted with ${version} after STARTTLS; nothing to see inside`
    : `Encrypted with ${version} from the first byte; nothing to see inside`;
}

function lastLoginWords(session: Session): string {
  const refused = session.authentication.findLast((attempt) => attempt.outcome !== 'accepted');
  if (refused?.reply == null) return 'The login failed';
  return `The server refused the login${refused.mechanism === '' ? '' : ` with ${refused.mechanism}`}: ${quote(session, refused.reply)}`;
}

function refusalWords(session: Session, digit: 4 | 5, word: string): string {
  const refusal = session.exchanges.find(({ reply }) => reply !== null && Math.floor(reply.code / 100) === digit);
  if (refusal?.reply == null) return word;
  const { request, reply } = refusal;
  const at =
    request === null ? 'in the greeting' : request.kind === 'message' ? 'after the message' : `at ${request.verb}`;
  return `${word} ${at}: ${quote(session, reply)}`;
}

function abortedWords(session: Session): string {
  const { encryption } = session;
  if (encryption?.alert != null) {
    return `The TLS handshake broke off: ${encryption.alert.description} from the ${encryption.alert.from}`;
  }
  if (encryption !== null && encryption.outcome === 'failed') return 'The TLS handshake broke off';
  const unanswered = session.exchanges.findLast(({ request, reply }) => request !== null && reply === null)?.request;
  if (unanswered != null && unanswered.verb !== 'QUIT') {
    return `Broken off: ${unanswered.kind === 'message' ? 'the message' : (unanswered.verb ?? 'a line')} was never answered`;
  }
  const open = session.transactions.at(-1);
  if (open !== undefined && isOpen(open)) {
    return `Broken off in a mail transaction from ${open.from === '' ? '<>' : open.from} to ${count(open.recipients.length, 'recipient')}`;
  }
  return 'Broken off by the client';
}

function isOpen({ message }: Transaction): boolean {
  return message === null || message.code === null;
}

function isPositive(code: number | null): boolean {
  return code !== null && code >= 200 && code < 300;
}
