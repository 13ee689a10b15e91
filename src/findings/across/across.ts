/**
 * Findings across sessions: every session is shown to it as it ends, with its findings, and it tells at the end of
 * the run. What it keeps is bounded, each collector by the limits at its top; for most of them a healthy session is one
 * test of its facts.
 */
import { Fact, type Session } from '../../smtp/session.ts';
import { hashText } from '../hash.ts';
import { compareFindings } from '../order.ts';
import type { CrossFinding, Finding } from '../rule.ts';
import { tellGivenUp } from './4xx-giveup.ts';
import { tellRejectedRetries } from './5xx-retry.ts';
import { AuthAttempts } from './auth-attempts.ts';
import { tellBruteforce } from './auth-bruteforce.ts';
import { collectBackscatter } from './backscatter.ts';
import { tellClockJumps } from './clock-jump.ts';
import { type CaptureQuality, type Collector, EVERY_SESSION, type SessionKeys } from './collector.ts';
import { collectDrops } from './drops.ts';
import { tellDuplicates } from './duplicate-delivery-seen.ts';
import { tellDuplicatePackets } from './duplicate-packets.ts';
import { Envelopes } from './envelopes.ts';
import { collectFileCutShort } from './file-cut-short.ts';
import { tellGreylisting } from './greylisting.ts';
import { collectLinkedFailures } from './linked-failures.ts';
import { tellLinkTypes } from './linktype.ts';
import { tellOffload } from './offload.ts';
import { PacketOddities } from './packet-oddities.ts';
import { PassedMessages } from './passed-messages.ts';
import { collectPort25Blocked } from './port25-blocked-587-works.ts';
import { collectRcptHarvest } from './rcpt-harvest.ts';
import { collectRetrySeries } from './retry-series.ts';
import { tellHops } from './same-mail-several-hosts.ts';
import { collectSpamBotPattern } from './spam-bot-pattern.ts';
import { tellStaleDevices } from './stale-credential-device.ts';
import { collectStarttlsStripped } from './starttls-stripped.ts';
import { tellUserlandTimes } from './ts-userland.ts';

export class Across {
  readonly #collectors: readonly Collector[] = [
    collectLinkedFailures(),
    collectRetrySeries(),
    collectPort25Blocked(),
    collectLogins(),
    collectStarttlsStripped(),
    collectEnvelopes(),
    collectMessages(),
    collectRcptHarvest(),
    collectBackscatter(),
    collectSpamBotPattern(),
    collectDrops(),
    collectFileCutShort(),
    collectOddities(),
    { on: 0, see: () => {}, finish: tellCaptures },
  ];

  readonly #keys: SessionKeys = { client: 0, server: 0 };

  see(session: Session, findings: readonly Finding[]): void {
    const { facts } = session;
    const keys = this.#keys;
    keys.client = hashText(session.client.address);
    keys.server = hashText(session.server.address);
    const collectors = this.#collectors;
    for (let i = 0; i < collectors.length; i++) {
      const collector = collectors[i] as Collector;
      if (collector.on === EVERY_SESSION || (facts & collector.on) !== 0) collector.see(session, findings, keys);
    }
  }

  /** `captures` in the order of the run: `Session.capture` is an index into it. */
  finish(captures: readonly CaptureQuality[]): readonly CrossFinding[] {
    const findings = this.#collectors.flatMap((collector) => collector.finish(captures));
    return findings.filter((finding) => !isExplained(finding, findings)).sort(compareFindings);
  }
}

/** What explains a series of equal tries: the series is not told beside it. */
const EXPLAIN_SERIES: ReadonlySet<string> = new Set(['stale-credential-device', '5xx-retry', 'greylisting']);

/** One symptom, one finding. */
function isExplained(finding: CrossFinding, all: readonly CrossFinding[]): boolean {
  // Bounces to forged senders ask for recipients that do not exist, too.
  if (finding.rule === 'rcpt-harvest') return isToldOfAll(finding, all, (rule) => rule === 'backscatter');
  if (finding.rule !== 'retry-series') return false;
  return isToldOfAll(finding, all, (rule) => EXPLAIN_SERIES.has(rule));
}

function isToldOfAll(finding: CrossFinding, all: readonly CrossFinding[], isRule: (rule: string) => boolean): boolean {
  return all.some(
    ({ rule, sessions }) => isRule(rule) && finding.sessions.every((session) => sessions.includes(session)),
  );
}

function collectLogins(): Collector {
  const attempts = new AuthAttempts();
  return {
    on: Fact.authCommand,
    see: (session, _findings, keys) => attempts.see(session, keys),
    finish: () => [...tellBruteforce(attempts), ...tellStaleDevices(attempts)],
  };
}

function collectEnvelopes(): Collector {
  const envelopes = new Envelopes();
  return {
    on: EVERY_SESSION,
    see: (session, _findings, keys) => envelopes.see(session, keys),
    finish(captures) {
      envelopes.reach(captures);
      return [...tellRejectedRetries(envelopes), ...tellGreylisting(envelopes), ...tellGivenUp(envelopes)];
    },
  };
}

function collectMessages(): Collector {
  const messages = new PassedMessages();
  return {
    on: Fact.message,
    see: (session, _findings, keys) => messages.see(session, keys),
    finish: () => [...tellDuplicates(messages), ...tellHops(messages)],
  };
}

function collectOddities(): Collector {
  const oddities = new PacketOddities();
  return {
    on: EVERY_SESSION,
    see: (session) => oddities.see(session),
    finish: (captures) => [...tellOffload(oddities, captures), ...tellDuplicatePackets(oddities, captures)],
  };
}

/** What is known of a capture without any session. */
function tellCaptures(captures: readonly CaptureQuality[]): readonly CrossFinding[] {
  return [...tellLinkTypes(captures), ...tellClockJumps(captures), ...tellUserlandTimes(captures)];
}
