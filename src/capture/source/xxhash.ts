import type { XXHashAPI } from 'xxhash-wasm';
import type { CaptureFacts } from '../packet-sink.ts';

/**
 * xxHash, the checksum of LZ4 (32 bits) and zstd (64 bits), through the package xxhash-wasm: it takes data in pieces, and
 * hashes some gigabytes a second. Where there is no WebAssembly the data is unpacked all the same, and a warning says
 * that nobody verified it.
 */
export async function xxHashFor(facts: CaptureFacts, name: string): Promise<XXHashAPI | null> {
  const api = await load();
  if (api === null) {
    facts.warnings.push(`The checksums of the ${name} data were not verified: there is no WebAssembly.`);
  }
  return api;
}

async function load(): Promise<XXHashAPI | null> {
  const { default: xxhash } = await import('xxhash-wasm');
  try {
    return await xxhash();
  } catch {
    return null;
  }
}
