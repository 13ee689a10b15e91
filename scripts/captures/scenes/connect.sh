# Connections that never come to a dialogue: port 25 blocked, refused, prohibited, dropped, silent; and refusing greetings.

# block RULE…   nftables rules in the router's forward chain.
block() {
  ip netns exec "${PREFIX}router" nft "add table inet block; add chain inet block forward { type filter hook forward priority 0; }"
  local rule
  for rule in "$@"; do ip netns exec "${PREFIX}router" nft "add rule inet block forward $rule"; done
}

relay_client() { # MAIN-CF-LINE…   A Postfix whose mail all goes to mail.example.
  host client client.example postfix sasl-modules
  postfix_start client 'myhostname = client.example' 'mydestination =' 'inet_interfaces = loopback-only' \
    'relayhost = [mail.example]' 'inet_protocols = ipv4' 'minimal_backoff_time = 4s' 'queue_run_delay = 600s' "$@"
}

deferred() { wait_for "${2:-60}" mail_log_has client "${1:-1}" 'status=deferred'; }

# Outbound port 25 dropped by the network. Postfix gives up after 30 seconds.
scene_port25_syn_unanswered() {
  net_public
  block 'tcp dport 25 drop'
  relay_client
  record client rules/port25-syn-unanswered.pcap
  send_mail client anna@mail.example
  deferred 1 60
  record_end
  mail_log client | grep status=
}

# Port 25 dropped towards two servers, and 587 of one of them takes the mail, by STARTTLS and AUTH.
scene_port25_blocked_587_works() {
  net_public
  DOVECOT_SSL=yes submission_server 'plain login'
  block 'tcp dport 25 drop'
  host client client.example swaks
  record client rules/port25-blocked-587-works.pcap
  for name in mail.example mail2.example; do
    on client swaks --server "$name" --timeout 12 --helo client.example --from anna@client.example \
      --to anna@mail.example --hide-all || true
  done
  on client swaks --server mail.example --port 587 --tls --auth PLAIN --auth-user anna --auth-password "$PASSWORD" \
    --helo client.example --from anna@client.example --to anna@mail.example --hide-all
  record_end
}

# Nobody listens on port 25: RST to the SYN. The client is Exim.
scene_port25_rst() {
  net_public
  host server mail.example
  host client client.example exim
  exim_client 25 </dev/null
  record client rules/port25-rst-no-listener.pcap
  exim_send client anna@mail.example
  record_end
}

# A router that rejects port 25: ICMP type 3 code 13. Two tries.
scene_connect_admin_prohibited() {
  net_public
  block 'tcp dport 25 reject with icmpx type admin-prohibited'
  relay_client
  record client rules/connect-icmp-admin-prohibited.pcap
  send_mail client anna@mail.example
  deferred
  sleep 5
  on client postqueue -f
  deferred 2
  record_end
  mail_log client | grep status=
}

# The same over IPv6 (type 1 code 1), and the IPv4 address of the same server answers.
scene_connect_admin_prohibited_ipv6() {
  net_public
  net_ipv6
  host server mail.example postfix
  postfix_start server 'myhostname = mail.example' 'mydestination = mail.example' 'mynetworks = 127.0.0.0/8'
  block 'meta nfproto ipv6 tcp dport 25 reject with icmpx type admin-prohibited'
  host client client.example postfix sasl-modules
  on client sh -c 'sed -i "s/^2001:db8:2::25 .*/2001:db8:2::25 mail.example/" /etc/hosts'
  postfix_start client 'myhostname = client.example' 'mydestination =' 'inet_interfaces = loopback-only' \
    'relayhost = [mail.example]' 'inet_protocols = all' 'smtp_address_preference = ipv6'
  on client sh -c "sed -i 's/^inet_interfaces.*/inet_interfaces = all/' /etc/postfix/main.cf && postfix reload" 2>/dev/null
  record client rules/connect-icmpv6-then-ipv4-delivers.pcap
  send_mail client anna@mail.example
  wait_for 20 mail_log_has client 1 'status=sent'
  record_end
}

# A Postfix server whose own Cyrus SASL has no mechanisms: accepts, says nothing, closes. The client tries twice.
scene_drop_before_greeting() {
  net_public
  host server mail.example postfix sasl-modules
  on server sh -c 'rm -rf /usr/lib/*/sasl2'
  postfix_start server 'myhostname = mail.example' 'mydestination = mail.example' 'smtpd_sasl_auth_enable = yes'
  relay_client
  record client rules/drop-before-greeting-postfix-broken-sasl.pcap
  send_mail client anna@mail.example
  deferred
  sleep 5
  on client postqueue -f
  deferred 2
  record_end
  mail_log server | grep fatal | head -2
  mail_log client | grep status=
}

# An Exim that is stopped: the kernel accepts, nobody greets, and Postfix gives up after 35 seconds.
scene_greeting_timeout() {
  net_public
  host server mail.example exim
  exim_server
  on server sh -c 'kill -STOP $(cat /run/exim.pid)'
  relay_client 'smtp_helo_timeout = 35s'
  record client rules/greeting-timeout-silent-server.pcap
  send_mail client anna@mail.example
  deferred
  record_end
  mail_log client | grep status=
}

# Too many connections at a time from one client: 421 as greeting, by Postfix.
scene_greeting_421() {
  net_public
  host server mail.example postfix
  postfix_start server 'myhostname = mail.example' 'mydestination = mail.example' 'smtpd_client_connection_count_limit = 1'
  relay_client
  on client bash -c 'exec 3<>/dev/tcp/198.51.100.25/25; read -r line <&3; sleep 30' &
  sleep 2
  record client rules/greeting-421-too-many-connections.pcap
  send_mail client anna@mail.example
  deferred
  record_end
}

# Exim defers at connect: 451 as greeting.
scene_greeting_451() {
  net_public
  host server mail.example exim
  CONNECT_ACL='  defer message = Too busy for now, please come back later' exim_server
  relay_client
  record client rules/greeting-451-exim.pcap
  send_mail client anna@mail.example
  deferred
  record_end
  mail_log client | grep status=
}

# Postfix refuses the client at connect: 554 as greeting.
scene_greeting_554() {
  net_public
  host server mail.example postfix
  postfix_start server 'myhostname = mail.example' 'mydestination = mail.example' 'smtpd_delay_reject = no' \
    'smtpd_client_restrictions = check_client_access static:reject'
  host client client.example swaks
  record client rules/greeting-554-postfix.pcap
  on client swaks --server mail.example --helo client.example --from anna@client.example --to anna@mail.example \
    --hide-all || true
  record_end
}

# postscreen: the teaser line at once, the rest of the greeting six seconds later; the client waits and delivers.
scene_postscreen_teaser() {
  net_public
  host server mail.example postfix
  postfix_start server 'myhostname = mail.example' 'mydestination = mail.example' 'mynetworks = 127.0.0.0/8' \
    'postscreen_greet_action = enforce'
  on server sh -c 'cd /etc/postfix; sed -i "s/^smtp      inet .*/smtp inet n - n - 1 postscreen\nsmtpd pass - - n - - smtpd\ndnsblog unix - - n - 0 dnsblog/" master.cf; postfix reload' 2>/dev/null
  sleep 1
  relay_client
  record client rules/postscreen-teaser-patient-client.pcap
  send_mail client anna@mail.example
  wait_for 30 mail_log_has client 1 'status=sent'
  record_end
}

# postscreen again, and a client that speaks first.
scene_postscreen_early_talker() {
  net_public
  host server mail.example postfix
  postfix_start server 'myhostname = mail.example' 'mydestination = mail.example' 'mynetworks = 127.0.0.0/8' \
    'postscreen_greet_action = enforce'
  on server sh -c 'cd /etc/postfix; sed -i "s/^smtp      inet .*/smtp inet n - n - 1 postscreen\nsmtpd pass - - n - - smtpd\ndnsblog unix - - n - 0 dnsblog/" master.cf; postfix reload' 2>/dev/null
  sleep 1
  host client client.example
  record client rules/early-talker-postscreen.pcap
  on client bash -c 'exec 3<>/dev/tcp/198.51.100.25/25; printf "EHLO client.example\r\n" >&3; sleep 7
    printf "MAIL FROM:<anna@client.example>\r\n" >&3; sleep 1; printf "RCPT TO:<anna@mail.example>\r\n" >&3; sleep 1
    printf "QUIT\r\n" >&3; cat <&3' >/dev/null
  record_end
}
