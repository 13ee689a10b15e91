/** What is used of the npm package `cap` 0.2.1, which has no types of its own. */
declare module 'cap' {
  export class Cap {
    /** Returns the name of the link type, `Unknown linktype N` for one that it does not know; throws what libpcap says. */
    open(device: string, filter: string, bufferBytes: number, buffer: Buffer): string;
    on(event: 'packet', listener: (length: number, truncated: boolean) => void): this;
  }
  const addon: { Cap: typeof Cap };
  export default addon;
}
