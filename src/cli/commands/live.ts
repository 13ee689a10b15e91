/** Live capture is not part of this version; what does the same today is said instead. */
import { DEFAULT_PORTS } from '../../inspect.ts';
import { Complaint } from '../complaint.ts';

export function refuseLive(name: string): never {
  const filter = [...DEFAULT_PORTS.map((port) => `tcp port ${port}`), 'icmp', 'icmp6'].join(' or ');
  const device = /^[\w.:@-]{1,64}$/.test(name) && !name.startsWith('-') ? name : 'eth0';
  throw new Complaint(
    `live capture is not part of this version; use: sudo tcpdump -i ${device} -U -s0 -w - '${filter}' | smtpscope -`,
  );
}

export function refuseInterfaces(): never {
  throw new Complaint('live capture is not part of this version; `tcpdump -D` lists what can be watched');
}
