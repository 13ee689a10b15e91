/** From the arguments to the exit status. Everything heavy is loaded behind the question whether it is needed. */
import { ClosedPipe, Complaint, sayOnStderr } from './complaint.ts';
import { EXIT } from './exit-code.ts';

const BRIEF = `usage: smtpscope <capture...>

Reads packet captures (pcap, pcapng, also compressed) and explains the SMTP dialogues in them.

  smtpscope capture.pcap     what was said, what went wrong, and what mends it
  … | smtpscope -            the same from a pipe
  smtpscope --help           all commands and options
`;

/** `argv` without node and the script. Never throws. */
export async function main(argv: readonly string[]): Promise<number> {
  // A reader that went away is seen as EPIPE by our own writes; help goes through the stream.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') sayOnStderr(`standard output: cannot be written: ${error.message}`);
    process.exit(error.code === 'EPIPE' ? EXIT.analysed : EXIT.failed);
  });
  process.stderr.on('error', () => {});
  if (argv.length === 0) {
    process.stderr.write(BRIEF);
    return EXIT.failed;
  }
  try {
    const { runProgram } = await import('./program.ts');
    return await runProgram(argv);
  } catch (error) {
    if (error instanceof ClosedPipe) return EXIT.analysed;
    if (error instanceof Complaint) {
      sayOnStderr(error.message);
      return EXIT.failed;
    }
    const { message, stack } = error as Error;
    sayOnStderr(`an error of smtpscope itself: ${message}; please report it with the capture, if you can share it`);
    if (process.env.SMTPSCOPE_DEBUG !== undefined) process.stderr.write(`${stack}\n`);
    return EXIT.failed;
  }
}
