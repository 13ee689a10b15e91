/** What is not SMTP, told by the first line of either side. */

export type ForeignService = 'http' | 'imap' | 'pop3' | 'ssh' | 'ftp' | 'nntp';

/** The protocol that a server's first line belongs to; null when it may be SMTP. */
export function foreignServer(bytes: Buffer, start: number, end: number): ForeignService | null {
  const line = bytes.toString('latin1', start, Math.min(end, start + 256));
  if (/^\* (?:OK|PREAUTH|BYE)\b/.test(line)) return 'imap';
  if (/^(?:\+OK|-ERR)\b/.test(line)) return 'pop3';
  if (line.startsWith('SSH-')) return 'ssh';
  if (line.startsWith('HTTP/')) return 'http';
  if (/^220[ -]/.test(line) && /\bFTP\b/i.test(line) && !/\bE?SMTP\b/i.test(line)) return 'ftp';
  if (/^20[01] /.test(line)) return 'nntp';
  return null;
}

/** Whether a client's first line is an HTTP request (RFC 9112 §3). */
export function isForeignClient(bytes: Buffer, start: number, end: number): boolean {
  const line = bytes.toString('latin1', start, Math.min(end, start + 16));
  return /^(?:GET|POST|HEAD|PUT|DELETE|OPTIONS|CONNECT|PATCH|TRACE) /.test(line);
}
