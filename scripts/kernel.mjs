// Assembles src/bytes/kernel/message-scan.wat into message-scan-code.ts; with --check only says whether it is current.
import { readFileSync, writeFileSync } from 'node:fs';
import wabtModule from 'wabt';

const source = new URL('../src/bytes/kernel/message-scan.wat', import.meta.url);
const target = new URL('../src/bytes/kernel/message-scan-code.ts', import.meta.url);

const wabt = await wabtModule();
const parsed = wabt.parseWat('message-scan.wat', readFileSync(source), { simd: true });
parsed.validate();
const { buffer } = parsed.toBinary({});
const base64 = Buffer.from(buffer).toString('base64');
const lines = base64.match(/.{1,110}/g) ?? [];
const code = `/** message-scan.wat, assembled by scripts/kernel.mjs. Not to be edited. */
export const MESSAGE_SCAN_CODE =
${lines.map((line) => `  '${line}'`).join(' +\n')};
`;

if (process.argv.includes('--check')) {
  if (readFileSync(target, 'utf8') !== code) {
    process.stderr.write(
      'src/bytes/kernel/message-scan-code.ts is not what message-scan.wat says: node scripts/kernel.mjs\n',
    );
    process.exit(1);
  }
} else {
  writeFileSync(target, code);
}
