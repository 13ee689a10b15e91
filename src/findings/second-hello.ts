/** The command that a client sends straight after STARTTLS where EHLO belongs, and its refusal. */
import type { Session } from '../smtp/session.ts';
import type { Turn } from '../smtp/turn.ts';
import { replyTo } from './in-clear.ts';

const HELLO: ReadonlySet<string> = new Set(['EHLO', 'HELO', 'LHLO', 'QUIT']);

export interface MissingHello {
  /** The 220 to STARTTLS. */
  readonly agreed: Turn;
  readonly command: Turn;
  readonly refusal: Turn;
}

/** Null unless what follows STARTTLS can be read, begins with another command than EHLO, and that one was refused. */
export function missingHello(session: Session): MissingHello | null {
  const { encryption, turns } = session;
  if (encryption === null || !encryption.decrypted || encryption.reply === null) return null;
  const agreed = encryption.reply;
  if (agreed.code !== 220) return null;
  const command = turns.find((turn) => turn.index > agreed.index && turn.from === 'client' && turn.kind === 'command');
  if (command === undefined || command.verb === null || HELLO.has(command.verb)) return null;
  // Sent before the 220 arrived: an injection, or a client that does not wait.
  if (command.acked >= 0 && command.acked < agreed.offset + agreed.bytes) return null;
  const refusal = replyTo(session, command);
  return refusal === null || refusal.code < 400 ? null : { agreed, command, refusal };
}
