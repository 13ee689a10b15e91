/** Which libpcap live capture would use. */
import { realpathSync } from 'node:fs';

interface Report {
  readonly sharedObjects: readonly string[];
}

/**
 * The file of libpcap that the package `cap` brings into this process, with its version in its name (`libpcap.so.1.10.3`);
 * null where `cap` cannot be loaded. libpcap itself can only be asked through a function that `cap` does not have.
 */
export async function libpcapFile(): Promise<string | null> {
  try {
    await import('cap');
  } catch {
    return null;
  }
  // The report would ask the DNS for the names of open connections.
  const { report } = process as unknown as { report: { excludeNetwork: boolean; getReport(): Report } };
  report.excludeNetwork = true;
  const path = report.getReport().sharedObjects.find((one) => /libpcap[^/]*$|\/libpcap\./.test(one));
  if (path === undefined) return null;
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
