# The same two sessions in every shape that a capture file comes in. One run, several recorders at once.

# Two sessions: Postfix delivers a message of 12 KB; swaks names a recipient that does not exist.
two_sessions() {
  { message 'Twelve kilobytes' anna@mail.example; seq -f 'line %05g of many, all alike and long enough to fill it up' 1 200; } |
    on_input client /usr/sbin/sendmail -oi -f anna@client.example anna@mail.example
  wait_for 20 mail_log_has client 1 'status=sent'
  on client swaks --server mail.example --helo client.example --from anna@client.example --to unknown@mail.example \
    --hide-all || true
}

scene_formats() {
  net_public
  postfix_server
  host client client.example postfix sasl-modules swaks
  postfix_start client 'myhostname = client.example' 'mydestination =' 'inet_interfaces = loopback-only' \
    'relayhost = [mail.example]'
  record client format/ethernet.pcap
  record client format/nanosecond.pcap --time-stamp-precision=nano
  record client format/snaplen-96.pcap -s 96
  FILTER='src host 192.0.2.10' record client format/one-side-only.pcap
  DEVICE=any record client format/linux-cooked-v1-any.pcap -y LINUX_SLL
  DEVICE=any record client format/linux-cooked-v2-any.pcap -y LINUX_SLL2
  DEVICE=any record router format/router-any-every-packet-twice.pcap
  record_pcapng client format/pcapng-one-interface.pcapng -i eth0
  record_pcapng router format/pcapng-two-interfaces.pcapng -i eth0 -i eth1
  two_sessions
  record_end

  cd "$CAPTURES/format"
  local shape
  for shape in big-endian vlan vlan-stacked raw-ip bsd-loopback cut-short; do
    node "$HERE/lib/rewrite.mjs" "$shape" ethernet.pcap "$shape.pcap"
  done
  gzip -9 -n -c ethernet.pcap >gzip.pcap.gz
  gzip -9 -n -c pcapng-one-interface.pcapng >gzip.pcapng.gz
  # Other link layers, tunnels, fragments and files: from what lies in captures/, not from this run.
  node "$HERE/formats.mjs" "$CAPTURES/format"
  # Two data packets out of the middle of the message. Both sessions stay.
  editcap -F pcap ethernet.pcap lost-packets.pcap $(lost_frames)
  # From the first data of the message on: the start of the first session is not there.
  editcap -F pcap -r ethernet.pcap mid-stream.pcap "$(first_data_frame)-100000"
}

first_data_frame() {
  tshark -r ethernet.pcap -Y 'tcp.stream == 0 && tcp.dstport == 25 && tcp.len > 1000' -T fields -e frame.number 2>/dev/null | head -1
}

# Two neighbours in the middle of the message.
lost_frames() {
  tshark -r ethernet.pcap -Y 'tcp.stream == 0 && tcp.dstport == 25 && tcp.len > 1000' -T fields -e frame.number 2>/dev/null | sed -n 3,4p
}
