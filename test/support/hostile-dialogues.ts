/** Captures in which every text that a wire can carry tries to act on what shows it: a terminal, a page, a document. */

import { saidIn } from './dialogue.ts';
import { pcapFile } from './pcap-bytes.ts';
import { connectionOf, packetOf } from './segments.ts';

/** Each is one line of at most some hundred bytes. `owned` is what a page would have if one of them had run. */
export const HOSTILE_MARKUP: readonly string[] = [
  '</script><script>globalThis.owned=1</script>',
  '<img src=x onerror=globalThis.owned=1>',
  '"><svg/onload=globalThis.owned=1>',
  "'-globalThis.owned-'",
  '<!--<script>',
  ']]></style><style>*{display:none}',
  '&lt;b&gt;&#x202e;&amp;',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a template is what it tries to be
  '{{constructor.constructor("globalThis.owned=1")()}}${globalThis.owned=1}',
  '[click](javascript:globalThis.owned=1)',
  '<javascript:globalThis.owned=1>',
  '![x](https://tracker.example/p.png)',
  '``` ~~~ ```` `````````````` <details>',
  '@everyone #1 !2 GH-3 https://tracker.example/ owner/repo#4',
  '| a | b |',
  '# heading',
  '- [ ] list',
  '__proto__',
  'constructor',
  '\\x1b[2J\\x1b]8;;https://tracker.example/\\x07link\\x1b]8;;\\x07',
  '\\xe2\\x80\\xae abc \\xe2\\x80\\xac',
  '\\xe2\\x81\\xa6 isolate \\xe2\\x81\\xa9',
  '\\xe2\\x80\\xa8line\\xe2\\x80\\xa9separator',
  '\\xe2\\x80\\x8bzero\\xe2\\x80\\x8dwidth\\xef\\xbb\\xbf',
  '\\x00nul\\x08\\x7fdel\\x9bcsi',
  '\\xff\\xfe\\xc0\\xaf\\xed\\xa0\\x80',
];

const LINKTYPE_RAW = 101;

/** One session a text: it stands in every place of the dialogue that takes any. */
export function hostileCapture(): Buffer {
  const packets: { data: Buffer; timeUs: number }[] = [];
  HOSTILE_MARKUP.forEach((text, at) => {
    const addresses = { client: `192.0.2.${at + 1}` };
    for (const segment of connectionOf(saidIn(dialogueWith(text)), 'client')) {
      packets.push({ data: packetOf(segment, addresses), timeUs: 1_700_000_000_000_000 + packets.length * 1_000 });
    }
  });
  return pcapFile(packets, { linkType: LINKTYPE_RAW });
}

function dialogueWith(text: string): string {
  return `
    S: 220 ${text}
    C: EHLO ${text}
    S: 250-mx.example ${text}
    S: 250-${text} ${text}
    S: 250-AUTH PLAIN ${text}
    S: 250-SIZE ${text}
    S: 250 HELP
    C: ${text}
    S: 502 5.5.1 ${text}
    C: AUTH PLAIN ${Buffer.from(`\0${text}\0${text}`).toString('base64')}
    S: 535 5.7.8 ${text}
    C: MAIL FROM:<${text}>
    S: 250 2.1.0 ${text}
    C: RCPT TO:<${text}>
    S: 550 5.1.1 ${text}
    C: RCPT TO:<ok@server.example> ${text}
    S: 250 2.1.5 ${text}
    C: DATA
    S: 354 ${text}
    C: Subject: ${text}
    C: From: ${text} <a@client.example>
    C: Message-ID: <${text}>
    C: Content-Type: multipart/mixed; boundary="b"; name="${text}"
    C: ${text}: ${text}
    C:
    C: --b
    C: Content-Type: ${text}; name="${text}"
    C:
    C: ${text}
    C: --b--
    C: .
    S: 451 4.3.0 ${text}
    C: QUIT
    S: 221 2.0.0 ${text}`;
}
