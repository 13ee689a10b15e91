/** The part of pcap-parser 0.2.1 that is used here; the package ships no types. */
declare module 'pcap-parser' {
  import type { EventEmitter } from 'node:events';

  export interface GlobalHeader {
    snapshotLength: number;
    linkLayerType: number;
  }

  export interface PacketHeader {
    timestampSeconds: number;
    timestampMicroseconds: number;
    capturedLength: number;
    originalLength: number;
  }

  export interface Parser extends EventEmitter {
    /** Internal: once true, whatever else arrives is ignored. */
    errored?: boolean;
    /** Internal: bytes that no complete record was made of yet. */
    buffer: Buffer | null;
    on(event: 'globalHeader', listener: (header: GlobalHeader) => void): this;
    on(event: 'packetHeader', listener: (header: PacketHeader) => void): this;
    on(event: 'packet', listener: (packet: { header: PacketHeader; data: Buffer }) => void): this;
  }

  /** Subscribes to `data` and `end` of the input and resumes it on the next tick. */
  export function parse(input: EventEmitter & { pause(): void; resume(): void }): Parser;
}
