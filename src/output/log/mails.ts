/**
 * The mail of a session as the logs of other tools have it: one entry a transaction, with its envelope, the header
 * fields of its message and the reply that settled it.
 */
import { addressIn, splitAddressList } from '../../message/address-list.ts';
import { headerFields } from '../../message/header-fields.ts';
import type { BodyView } from '../../report/record.ts';
import { shownLines } from '../../report/redact.ts';
import type { Session, Transaction } from '../../smtp/session.ts';
import type { Turn } from '../../smtp/turn.ts';
import { parseAddress } from '../../wire/addresses.ts';

export interface Mail {
  readonly transaction: Transaction;
  /** From 0. */
  readonly index: number;
  readonly headers: Headers;
  /** The reply that settled it: to the message, else the refusal of its last recipient or sender, else the last of all. */
  readonly lastReply: Turn | null;
}

/** The header section of a message, as far as it was kept; empty with `--body none`. */
export class Headers {
  readonly #fields: ReadonlyMap<string, readonly string[]>;

  constructor(head: Buffer | null) {
    const fields = new Map<string, string[]>();
    if (head !== null) {
      for (const { name, value } of headerFields(head)) {
        const values = fields.get(name);
        if (values === undefined) fields.set(name, [value]);
        else values.push(value);
      }
    }
    this.#fields = fields;
  }

  /** Values of the fields of that name (in small letters), in their order. */
  all(name: string): readonly string[] {
    return this.#fields.get(name) ?? [];
  }

  /** The value of the first of them; null where there is none, or nothing in it. */
  first(name: string): string | null {
    return this.all(name)[0] || null;
  }

  /** The members of the address lists in fields of that name, each as written, none twice. */
  members(name: string): readonly string[] {
    return [...new Set(this.all(name).flatMap(splitAddressList))];
  }

  /** The bare addresses of the same. */
  addresses(name: string): readonly string[] {
    return [...new Set(this.members(name).map(addressIn))].filter((address) => address !== '');
  }
}

export function mailsOf(session: Session, body: BodyView): Mail[] {
  const { transactions } = session;
  return transactions.map((transaction, index) => {
    const { message } = transaction;
    const until = transactions[index + 1]?.mail.index ?? Number.POSITIVE_INFINITY;
    return {
      transaction,
      index,
      headers: new Headers(body === 'none' || message === null ? null : message.head),
      lastReply: message?.replies.at(-1) ?? refusal(transaction) ?? lastReply(session, transaction.mail.index, until),
    };
  });
}

function refusal({ mailReply, recipients }: Transaction): Turn | undefined {
  return [mailReply, ...recipients.map(({ reply }) => reply)].findLast(
    (reply): reply is Turn => reply !== null && reply.code >= 400,
  );
}

/** Commands whose replies say nothing of what went before. */
const ASIDE: ReadonlySet<string | null> = new Set(['QUIT', 'RSET', 'NOOP']);

/** The last reply to a turn of `[from, until)` that says something of it; null where nothing was replied. */
export function lastReply({ turns }: Session, from = 0, until = Number.POSITIVE_INFINITY): Turn | null {
  for (let i = turns.length - 1; i >= 0; i--) {
    const reply = turns[i] as Turn;
    if (reply.kind !== 'reply') continue;
    const request = turns[reply.answers];
    if (request === undefined) {
      if (from === 0) return reply; // a greeting, or what no command asked for
    } else if (request.index >= from && request.index < until && !ASIDE.has(request.verb)) {
      return reply;
    }
  }
  return null;
}

/** The last line of a reply, its code first; what may be secret in it is masked unless `reveal`. */
export function replyText(session: Session, reply: Turn | null, reveal: boolean): string | null {
  const line = reply === null ? undefined : shownLines(session, reply, reveal).at(-1);
  return line === undefined ? null : line.replace(/^(\d{3})-/, '$1 ');
}

/** The addresses that stand in a text, each canonical enough to be read again, in their order. */
export function addressesIn(text: string): string[] {
  return text
    .replace(/ipv6:/gi, ' ')
    .split(/[^0-9a-fA-F:.]+/)
    .map((word) => word.replace(/^\.+|\.+$/g, ''))
    .filter((word) => word.length > 1 && /[.:]/.test(word) && parseAddress(word) !== null);
}
