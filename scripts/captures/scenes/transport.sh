# What the path and TCP do to a message on its way.

long_mail() { # LINES   A message of so many lines of 70 octets, to anna@mail.example.
  { message 'A long one' anna@mail.example; awk -v n="$1" 'BEGIN { while (n-- > 0) printf "%-68s\n", "A line of a long message." }'; } |
    on_input client /usr/sbin/sendmail -oi -f anna@client.example anna@mail.example
}

plain_server() { # MAIN-CF-LINE…
  host server mail.example postfix
  postfix_start server 'myhostname = mail.example' 'mydestination = mail.example' 'mynetworks = 127.0.0.0/8' \
    'local_transport = discard' 'local_recipient_maps =' "$@"
}

# A link with a smaller MTU behind the router, and nobody hears of it: ICMP is dropped.
scene_pmtu_blackhole() {
  net_public
  plain_server
  relay_client 'smtp_data_done_timeout = 25s'
  ip netns exec "${PREFIX}client" sysctl -qw net.ipv4.tcp_mtu_probing=0
  ip -n "${PREFIX}router" link set eth1 mtu 1400
  ip netns exec "${PREFIX}router" nft 'add table inet quiet; add chain inet quiet output { type filter hook output priority 0; }; add rule inet quiet output icmp type destination-unreachable drop'
  record client rules/pmtu-blackhole.pcap
  long_mail 90
  deferred
  record_end
  mail_log client | grep status=
}

# The server's process stands still in the middle of a message, and takes no more for eight seconds.
scene_zero_window() {
  net_public
  ip netns exec "${PREFIX}server" sysctl -qw net.ipv4.tcp_rmem='4096 16384 16384'
  plain_server
  relay_client
  ip netns exec "${PREFIX}client" tc qdisc add dev eth0 root tbf rate 300kbit burst 4kb latency 2s
  record client rules/zero-window-stall.pcap
  long_mail 850
  wait_for 10 on server sh -c 'ss -Htn state established "( sport = :25 )" | grep -q .'
  sleep 1
  on server sh -c 'kill -STOP $(pidof smtpd)'
  sleep 9
  on server sh -c 'kill -CONT $(pidof smtpd)'
  wait_for 30 mail_log_has client 1 'status=sent'
  record_end
  mail_log client | grep status=
}

# Every ninth large packet towards the server is lost.
scene_retransmissions() {
  net_public
  plain_server
  relay_client
  block 'tcp dport 25 meta length gt 1000 numgen inc mod 9 8 drop'
  record client rules/retransmission-storm.pcap
  long_mail 850
  wait_for 60 mail_log_has client 1 'status=sent'
  record_end
  mail_log client | grep status=
}

# A filter on the path resets the connection when it sees MAIL; the server is three hops further away than the filter.
scene_rst_injected() {
  net_public
  ip netns exec "${PREFIX}server" sysctl -qw net.ipv4.ip_default_ttl=61
  plain_server
  relay_client
  block 'tcp dport 25 @th,256,32 0x4d41494c reject with tcp reset'
  record client rules/rst-injected.pcap
  send_mail client anna@mail.example
  deferred
  record_end
  mail_log client | grep status=
}

# The server's process is killed while it looks at the recipient.
scene_server_killed() {
  net_public
  plain_server 'smtpd_recipient_restrictions = sleep 20'
  relay_client
  record client rules/server-closes-first-killed.pcap
  send_mail client anna@mail.example
  wait_for 10 on server sh -c 'ss -Htn state established "( sport = :25 )" | grep -q .'
  sleep 2
  on server sh -c 'kill -KILL $(pidof smtpd)'
  deferred
  record_end
  mail_log client | grep status=
}

# The server takes twelve seconds over each recipient.
scene_slow_server() {
  net_public
  plain_server 'smtpd_recipient_restrictions = sleep 12'
  relay_client
  record client rules/slow-server-recipient.pcap
  send_mail client anna@mail.example
  wait_for 30 mail_log_has client 1 'status=sent'
  record_end
  mail_log client | grep status=
}

# A client whose lines all end in LF (scripted), and a server that takes CRLF.CRLF alone for the end of a message.
scene_eod_never_sent() {
  net_public
  plain_server 'smtpd_forbid_bare_newline = yes'
  host client client.example
  record client rules/eod-never-sent-bare-lf.pcap
  on client bash -c 'exec 3<>/dev/tcp/198.51.100.25/25
    ask() { printf "$1\r\n" >&3; while read -r line <&3; [ "${line:3:1}" = - ]; do :; done; }
    read -r _ <&3
    ask "EHLO client.example"; ask "MAIL FROM:<anna@client.example>"; ask "RCPT TO:<anna@mail.example>"; ask DATA
    printf "From: anna@client.example\nSubject: line feeds\n\nGood morning\n.\n" >&3; read -r -t 12 _ <&3' || true
  record_end
}
