/**
 * A pool of message bodies that all messages of a corpus share: plain text with lines that need dot-stuffing, and MIME
 * parts in base64. Each is kept as it is (`raw`) and as DATA carries it (`stuffed`), so that a message costs a copy and
 * the truth about its size costs nothing.
 */

/**
 * @typedef {object} Body
 * @property {Buffer} raw ends with CRLF
 * @property {Buffer} stuffed the same with every leading dot doubled
 * @property {number} lines
 * @property {string} contentType the header field's value
 */

const WORDS = (
  'the report for this week is attached please have a look before our meeting on monday and send your notes to all of ' +
  'us thank you very much we will ship the new parts as soon as the customer has confirmed the order number best regards'
).split(' ');

/**
 * @param {import('./random.js').Random} random
 * @param {number} count
 * @param {number} smallest bytes
 * @param {number} largest bytes; sizes spread evenly over the logarithm
 * @returns {Body[]}
 */
export function makeBodies(random, count, smallest, largest) {
  const bodies = [];
  for (let i = 0; i < count; i++) {
    const bytes = Math.round(smallest * (largest / smallest) ** (i / (count - 1)));
    bodies.push(i % 2 === 0 ? textBody(random, bytes) : attachmentBody(random, bytes));
  }
  return bodies;
}

/** @param {import('./random.js').Random} random @param {number} bytes */
function textBody(random, bytes) {
  const lines = [];
  let size = 0;
  while (size < bytes) {
    const line = textLine(random);
    lines.push(line);
    size += line.length + 2;
  }
  return bodyOf(lines, 'text/plain; charset=us-ascii');
}

/** @param {import('./random.js').Random} random */
function textLine(random) {
  const kind = random.below(40);
  if (kind === 0) return '.';
  if (kind === 1) return '..';
  if (kind === 2) return '';
  // Looks like SMTP and is text: a decoder that loses its place gives itself away here.
  if (kind === 3) return random.pick(['250 2.0.0 Ok', 'MAIL FROM:<nobody@client.example>', 'QUIT', 'DATA', '354 go']);
  const words = kind === 4 ? ['.hidden'] : kind === 5 ? ['>From'] : [];
  const length = random.between(3, 14);
  for (let i = 0; i < length; i++) words.push(random.pick(WORDS));
  return words.join(' ');
}

/** @param {import('./random.js').Random} random @param {number} bytes */
function attachmentBody(random, bytes) {
  const boundary = `=_part-${random.next().toString(16)}`;
  const lines = [`--${boundary}`, 'Content-Type: text/plain; charset=us-ascii', ''];
  for (let i = random.between(2, 12); i > 0; i--) lines.push(textLine(random));
  lines.push(`--${boundary}`, 'Content-Type: application/octet-stream; name="report.bin"');
  lines.push('Content-Transfer-Encoding: base64', 'Content-Disposition: attachment; filename="report.bin"', '');
  const binary = Buffer.allocUnsafe(Math.max(57, Math.round((bytes * 57) / 78)));
  for (let i = 0; i < binary.length; i++) binary[i] = random.next() & 255;
  const base64 = binary.toString('base64');
  for (let i = 0; i < base64.length; i += 76) lines.push(base64.slice(i, i + 76));
  lines.push(`--${boundary}--`);
  return bodyOf(lines, `multipart/mixed; boundary="${boundary}"`);
}

/** @param {string[]} lines @param {string} contentType @returns {Body} */
function bodyOf(lines, contentType) {
  const stuffed = lines.map((line) => (line.startsWith('.') ? `.${line}` : line));
  return {
    raw: Buffer.from(`${lines.join('\r\n')}\r\n`, 'latin1'),
    stuffed: Buffer.from(`${stuffed.join('\r\n')}\r\n`, 'latin1'),
    lines: lines.length,
    contentType,
  };
}
