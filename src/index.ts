/** The public API. */
export { CaptureError, type CaptureErrorCode } from './capture/packet-sink.ts';
export type { Actor, Confidence, Evidence, Reference, Severity } from './findings/rule.ts';
export {
  type CaptureSource,
  createInspector,
  type InspectLimits,
  type InspectOptions,
  type Inspector,
  type InspectResult,
  inspect,
  inspectEach,
  type PacketFacts,
} from './library.ts';
export type {
  BodyView,
  CaptureRecord,
  CrossFindingRecord,
  FindingRecord,
  HalfRecord,
  MessageRecord,
  SessionRecord,
  SummaryRecord,
  TransactionRecord,
  TurnRecord,
} from './report/record.ts';
export type { Outcome, Service } from './smtp/session.ts';
export type { TurnKind } from './smtp/turn.ts';
