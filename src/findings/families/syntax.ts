/** Syntax, lines and order: the rules of one session, in the order in which they run. */
import type { AnyRule } from '../rule.ts';
import eightBitWithout8bitmime from '../rules/8bit-without-8bitmime.ts';
import badSequence from '../rules/bad-sequence.ts';
import bareCr from '../rules/bare-cr.ts';
import bareLf from '../rules/bare-lf.ts';
import bdatErrors from '../rules/bdat-errors.ts';
import bodySentAfterRefusal from '../rules/body-sent-after-refusal.ts';
import commandWithoutReply from '../rules/command-without-reply.ts';
import dataAfterAllRcptFailed from '../rules/data-after-all-rcpt-failed.ts';
import dotStuffingInBdat from '../rules/dot-stuffing-in-bdat.ts';
import dotStuffingMissing from '../rules/dot-stuffing-missing.ts';
import idleTimeout from '../rules/idle-timeout.ts';
import junkCommandFlood from '../rules/junk-command-flood.ts';
import lineTooLong from '../rules/line-too-long.ts';
import mailParamsUnsupported from '../rules/mail-params-unsupported.ts';
import messageFormat from '../rules/message-format.ts';
import multilineCodeMismatch from '../rules/multiline-code-mismatch.ts';
import nonAsciiInCommand from '../rules/non-ascii-in-command.ts';
import nulInStream from '../rules/nul-in-stream.ts';
import pathSyntax from '../rules/path-syntax.ts';
import pipeliningAfterSyncCommand from '../rules/pipelining-after-sync-command.ts';
import pipeliningNotOffered from '../rules/pipelining-not-offered.ts';
import pipeliningServerBroken from '../rules/pipelining-server-broken.ts';
import receivedLoop from '../rules/received-loop.ts';
import replyWithoutCommand from '../rules/reply-without-command.ts';
import smtpSmuggling from '../rules/smtp-smuggling.ts';
import unknownCommand from '../rules/unknown-command.ts';

export const SYNTAX_RULES: readonly AnyRule[] = [
  bareLf,
  bareCr,
  smtpSmuggling,
  multilineCodeMismatch,
  replyWithoutCommand,
  commandWithoutReply,
  pipeliningNotOffered,
  pipeliningAfterSyncCommand,
  pipeliningServerBroken,
  dataAfterAllRcptFailed,
  bodySentAfterRefusal,
  badSequence,
  unknownCommand,
  pathSyntax,
  idleTimeout,
  lineTooLong,
  eightBitWithout8bitmime,
  dotStuffingMissing,
  dotStuffingInBdat,
  bdatErrors,
  junkCommandFlood,
  nonAsciiInCommand,
  nulInStream,
  mailParamsUnsupported,
  receivedLoop,
  messageFormat,
];
