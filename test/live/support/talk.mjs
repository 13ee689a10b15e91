/**
 * Says lines to a mail server, each when the last was answered: `node talk.mjs HOST LINE…`. In a line, `\n` is a line
 * end and `{N}` is N lines of 76 letters. `--sessions N --at-once M` before the lines: the same dialogue N times, M at a time.
 */
import net from 'node:net';

const LETTERS = `${'x'.repeat(76)}\\n`;
const args = process.argv.slice(2);
const host = args.shift();
let sessions = 1;
let atOnce = 1;
while (args[0]?.startsWith('--')) {
  const [name, value] = args.splice(0, 2);
  if (name === '--sessions') sessions = Number(value);
  else atOnce = Number(value);
}
const lines = args.map(
  (line) => `${line.replace(/\{(\d+)\}/, (_, n) => LETTERS.repeat(n)).replaceAll('\\n', '\r\n')}\r\n`,
);

function talk() {
  return new Promise((resolve) => {
    const socket = net.connect(25, host);
    let next = 0;
    let heard = '';
    socket.on('data', (bytes) => {
      heard += bytes.toString('latin1');
      if (!/^\d{3} [^\n]*\n$/m.test(heard)) return;
      heard = '';
      if (next < lines.length) socket.write(lines[next++]);
      else socket.end();
    });
    socket.on('error', () => {});
    socket.on('close', resolve);
  });
}

let left = sessions;
await Promise.all(
  Array.from({ length: Math.min(atOnce, sessions) }, async () => {
    while (left-- > 0) await talk();
  }),
);
