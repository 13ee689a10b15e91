/** `--version -v`: what somebody who reports a fault is asked for. */
import { libpcapFile } from '../../capture/live/libpcap.ts';
import { packageVersion } from '../version.ts';

/** One fact a line. */
export async function versionText(): Promise<string> {
  const file = await libpcapFile();
  const version = file === null ? null : /\.(?:so|dylib)\.?(\d[\d.]*)|libpcap\.(\d[\d.]*)\.dylib/.exec(file);
  const libpcap =
    file === null
      ? 'not available: live capture needs it and the package cap'
      : `${version?.[1] ?? version?.[2] ?? 'of unknown version'} (${file})`;
  return [
    `smtpscope ${packageVersion()}`,
    `Node ${process.versions.node} (V8 ${process.versions.v8})`,
    `libpcap ${libpcap}`,
    `${process.platform} ${process.arch}`,
    '',
  ].join('\n');
}
