/**
 * The fingerprint of a dialogue, taken alike from a generator's script and from a `session` record.
 *
 * It holds what the contract fixes for every reader: the turns of each direction and what each reply answers. It leaves
 * out what a reader may mask (the lines of AUTH and of 334) and what depends on where the wire was cut (`bytes` of
 * messages and flights). `answers` counts the client's turns only, so that segments out of order change nothing; `order`
 * is the sequence of both directions, to be compared where nothing was disturbed.
 */

/**
 * @typedef {object} Turn
 * @property {'client' | 'server'} from
 * @property {string} kind
 * @property {string | null} [verb]
 * @property {number | null} [code]
 * @property {number | null} [answers] index among all turns
 * @property {readonly string[] | null} [lines]
 */

/** @param {readonly Turn[]} turns */
export function signatureOf(turns) {
  /** @type {string[]} */
  const client = [];
  /** @type {string[]} */
  const server = [];
  /** @type {number[]} */
  const clientOrdinals = [];
  let order = '';
  for (const turn of turns) {
    clientOrdinals.push(turn.from === 'client' ? client.length : -1);
    order += `${turn.from[0]}${turn.kind[0]}`;
    if (turn.from === 'client') client.push(describe(turn, null));
    else server.push('');
  }
  let reply = 0;
  for (const turn of turns) {
    if (turn.from === 'client') continue;
    server[reply] = describe(turn, turn.answers == null ? null : (clientOrdinals[turn.answers] ?? -1));
    reply += 1;
  }
  return { client: hash(client.join('\n')), server: hash(server.join('\n')), order: hash(order) };
}

/** @param {Turn} turn @param {number | null} answers */
function describe(turn, answers) {
  switch (turn.kind) {
    case 'command': {
      const line = turn.lines?.[0] ?? '';
      return turn.verb === 'AUTH' ? `command ${line.split(' ', 2).join(' ')}` : `command ${turn.verb} ${line}`;
    }
    case 'reply':
      return `reply ${turn.code} ${answers} ${turn.code === 334 ? '' : (turn.lines ?? []).join('|')}`;
    default:
      return turn.kind;
  }
}

/** Two 32-bit FNV-1a hashes with different starts: short, and good enough to compare sessions one by one. @param {string} text */
export function hash(text) {
  let a = 0x811c9dc5;
  let b = 0x01000193;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    a = Math.imul(a ^ code, 0x01000193);
    b = Math.imul(b ^ (code + 0x9e), 0x85ebca6b);
  }
  return (a >>> 0).toString(36) + (b >>> 0).toString(36);
}
