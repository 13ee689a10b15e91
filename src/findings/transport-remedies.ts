/** Remedies for connections that break or stall, which several rules give. */
import type { Remedy } from './rule.ts';

/** Where both ends are asked what they saw. */
export const LOGS_OF_BOTH_ENDS: readonly Remedy[] = [
  {
    applies: 'Postfix',
    text: 'Both sides log it: the server “lost connection after” or “timeout after”, the client “lost connection with” or “timed out while”.',
    commands: ['grep -E "lost connection|timeout after|timed out while" /var/log/mail.log | tail -n 20'],
  },
  {
    applies: 'Exim',
    text: 'The main log says “unexpected disconnection”, “SMTP data timeout (message abandoned)” or “timeout after” and what it waited for.',
    commands: [
      'grep -E "unexpected disconnection|timeout|Connection (reset|timed out)" /var/log/exim4/mainlog | tail -n 20',
    ],
  },
  {
    applies: 'Sendmail',
    text: 'It logs “lost input channel from … to … after” with the state in which the connection went.',
    commands: ['grep -E "lost input channel|timeout waiting for input" /var/log/maillog | tail -n 20'],
  },
];

/** A path that loses packets of full size. */
export const LET_LARGE_PACKETS_THROUGH: readonly Remedy[] = [
  {
    applies: 'anyone, to find the size that passes',
    text: 'Send packets that must not be fragmented: 1472 bytes make 1500 with their headers. Lower the number until they are answered; tracepath names the hop.',
    commands: ['ping -M do -s 1472 -c 3 mx.example', 'tracepath -n mx.example'],
  },
  {
    applies: 'a firewall on the path (nftables)',
    text: 'Let “fragmentation needed” and “packet too big” through, and clamp the segment size to the path where a tunnel begins.',
    commands: [
      'nft insert rule inet filter forward icmp type destination-unreachable accept',
      'nft insert rule inet filter forward icmpv6 type packet-too-big accept',
      'nft insert rule inet filter forward tcp flags syn tcp option maxseg size set rt mtu',
    ],
  },
  {
    applies: 'a firewall on the path (iptables)',
    text: 'The same with the older tool.',
    commands: [
      'iptables -I FORWARD -p icmp --icmp-type fragmentation-needed -j ACCEPT',
      'iptables -t mangle -A FORWARD -p tcp --tcp-flags SYN,RST SYN -j TCPMSS --clamp-mss-to-pmtu',
    ],
  },
  {
    applies: 'a Linux sender, until the path is mended',
    text: 'Let TCP find the size by itself when large segments get lost (RFC 4821).',
    commands: ['sysctl -w net.ipv4.tcp_mtu_probing=1'],
  },
  {
    applies: 'a FreeBSD sender, until the path is mended',
    text: 'The same there.',
    commands: ['sysctl net.inet.tcp.pmtud_blackhole_detection=1'],
  },
  {
    applies: 'Docker',
    text: 'Containers get an MTU of 1500 whatever the host’s link has. In /etc/docker/daemon.json set "mtu" to that of the link; networks that exist already keep theirs and have to be made again.',
    commands: ['ip link show', 'docker network inspect bridge | grep -i mtu'],
  },
];

/** Links that lose packets. */
export const FIND_THE_LOSS: readonly Remedy[] = [
  {
    applies: 'a Linux host',
    text: 'See which connection suffers, and whether its own network card drops.',
    commands: ['ss -tin "( sport = :25 or dport = :25 )"', 'ip -s link show', 'nstat -az TcpRetransSegs'],
  },
  {
    applies: 'the network',
    text: 'Measure each hop for some minutes; a hop that loses and all behind it too is the place.',
    commands: ['mtr --report --report-cycles 200 --tcp --port 25 mx.example'],
  },
  {
    applies: 'anyone, to find the direction',
    text: 'Capture at both ends at the same time: what one end sent and the other lacks was lost between.',
    commands: ['tcpdump -n -s 0 -i eth0 -w one-end.pcap "tcp port 25 and host 192.0.2.10"'],
  },
];
