# Replies to the envelope and the message, by the servers' own restrictions; and what the wire looks like when lines, order
# and protocol are wrong.

# restricted FILE MAIN-CF-LINE…   A Postfix with these restrictions, and swaks that meets them; swaks' arguments: $ARGUMENTS.
restricted() {
  net_public
  plain_server "${@:2}"
  host client client.example swaks
  record client "$1"
  swaks_from_client --to anna@mail.example "${ARGUMENTS[@]}"
  record_end
}

# A name server for the server's host, with these zones' records.
name_server() { # RECORD…
  on_input server sh -c 'mkdir -p /etc/unbound; cat > /etc/unbound/test.conf; echo "nameserver 127.0.0.1" > /etc/resolv.conf
    unbound -c /etc/unbound/test.conf; sleep 1' <<CONF
server:
  interface: 127.0.0.1
  username: ""
  chroot: ""
  directory: /etc/unbound
  pidfile: /run/unbound.pid
  use-syslog: no
  module-config: "iterator"
  do-not-query-localhost: no
  local-zone: "." static
$(printf "  local-data: '%s'\n" "$@")
CONF
}

resolving_server() { # MAIN-CF-LINE…
  host server mail.example postfix unbound
  name_server '2.0.0.127.bl.example. A 127.0.0.2' '10.2.0.192.bl.example. A 127.0.0.2' \
    '10.2.0.192.bl.example. TXT "Listed, see https://bl.example/192.0.2.10"' 'client.example. A 192.0.2.10' \
    'client.example. MX 10 client.example.' 'nowhere.example. MX 0 .' 'mail.example. A 198.51.100.25'
  postfix_start server 'myhostname = mail.example' 'mydestination = mail.example' 'mynetworks = 127.0.0.0/8' \
    'local_transport = discard' 'local_recipient_maps =' 'smtp_dns_support_level = enabled' "$@"
}

resolved() { # FILE MAIN-CF-LINE…
  net_public
  resolving_server "${@:2}"
  host client client.example swaks
  record client "$1"
  swaks_from_client --to anna@mail.example "${ARGUMENTS[@]}"
  record_end
}

scene_dnsbl() {
  ARGUMENTS=()
  resolved rules/dnsbl-reject-rbl-client.pcap 'smtpd_recipient_restrictions = reject_rbl_client bl.example'
}

scene_sender_domain() {
  ARGUMENTS=(--from anna@no-such-domain.example)
  resolved rules/sender-domain-not-found.pcap 'smtpd_recipient_restrictions = reject_unknown_sender_domain' \
    'unknown_address_reject_code = 550'
}

scene_null_mx() {
  ARGUMENTS=(--from anna@nowhere.example)
  resolved rules/null-mx-sender.pcap 'smtpd_recipient_restrictions = reject_unknown_sender_domain'
}

scene_rdns() {
  ARGUMENTS=()
  restricted rules/rdns-unknown-reverse-name.pcap 'smtpd_recipient_restrictions = reject_unknown_reverse_client_hostname' \
    'smtpd_peername_lookup = no' 'unknown_client_reject_code = 550'
}

scene_rate_limit() {
  net_public
  plain_server 'smtpd_client_message_rate_limit = 1' 'smtpd_client_event_limit_exceptions ='
  host client client.example swaks
  record client rules/rate-limit-messages.pcap
  swaks_from_client --to anna@mail.example
  swaks_from_client --to bert@mail.example
  record_end
}

# Three unknown recipients in one session, and Postfix loses patience: 421.
scene_421_too_many_errors() {
  ARGUMENTS=(--to nobody1@mail.example,nobody2@mail.example,nobody3@mail.example,anna@mail.example)
  restricted rules/421-too-many-errors.pcap 'local_recipient_maps = inline:{anna=x}' 'smtpd_hard_error_limit = 3' \
    'smtpd_error_sleep_time = 0'
}

# Twelve guessed recipients, all unknown; swaks asks them in one session.
scene_rcpt_harvest() {
  ARGUMENTS=(--to "$(printf 'guess%s@mail.example,' 1 2 3 4 5 6 7 8 9 10 11)guess12@mail.example")
  restricted rules/rcpt-harvest.pcap 'local_recipient_maps = inline:{anna=x}' 'smtpd_error_sleep_time = 0'
}

# The mailbox has a quota of 1 KB (Dovecot, LMTP).
scene_mailbox_full() {
  net_private
  host server mail.internal.example dovecot
  certificate server
  DOVECOT_PROTOCOLS=lmtp dovecot_start server plain 'auth_username_format = %n' 'mail_plugins = quota' \
    'plugin {' '  quota = count:User quota' '  quota_rule = *:storage=1K' '  quota_vsizes = yes' '}' \
    'service lmtp {' '  inet_listener lmtp {' '    port = 24' '  }' '}'
  wait_for 10 listening server 24
  postfix_client 'default_transport = lmtp:[mail.internal.example]:24'
  record client rules/mailbox-full-dovecot-lmtp.pcap
  { message 'A long one' anna@mail.example; seq -f 'line %05g' 1 400; } |
    on_input client /usr/sbin/sendmail -oi -f anna@client.example anna@mail.example
  wait_for 20 mail_log_has client 1 'status=(bounced|deferred)'
  record_end
}

# Python's smtplib declares a SIZE above the server's limit without looking at the limit.
scene_size_declared() {
  net_public
  plain_server 'message_size_limit = 20000'
  host client client.example
  record client rules/size-declared-too-big-smtplib.pcap
  on_input client python3 - <<'PYTHON' || true
import smtplib
text = "From: anna@client.example\r\nTo: anna@mail.example\r\nSubject: large\r\nDate: Mon, 06 Jan 2025 10:00:00 +0000\r\n\r\n" + "0123456789\r\n" * 3000
try:
    with smtplib.SMTP("mail.example", 25, local_hostname="client.example") as server:
        server.sendmail("anna@client.example", "anna@mail.example", text)
except smtplib.SMTPException as error:
    print(error)
PYTHON
  record_end
}

# swaks declares no SIZE and sends 36 KB where 20 KB are taken.
scene_size_mid_data() {
  net_public
  plain_server 'message_size_limit = 20000'
  host client client.example swaks
  record client rules/size-mid-data.pcap
  { printf 'From: anna@client.example\nTo: anna@mail.example\nSubject: large\nDate: Mon, 06 Jan 2025 10:00:00 +0000\n\n'; seq -f 'line %07g of many of them' 1 1300; } >"$WORK/run/large"
  on_input client sh -c 'cat > /tmp/large' <"$WORK/run/large"
  swaks_from_client --to anna@mail.example --data @/tmp/large
  record_end
}

scene_too_many_recipients() {
  ARGUMENTS=(--to anna@mail.example,bert@mail.example,carl@mail.example,dora@mail.example)
  restricted rules/too-many-rcpts.pcap 'smtpd_recipient_limit = 2' 'smtpd_recipient_overshoot_limit = 1'
}

scene_sender_rejected() {
  ARGUMENTS=(--from spam@client.example)
  restricted rules/sender-rejected-access-map.pcap 'smtpd_sender_restrictions = check_sender_access inline:{spam@client.example=REJECT}' \
    'smtpd_delay_reject = no'
}

scene_null_sender_rejected() {
  ARGUMENTS=(--from '<>')
  restricted rules/bounce-null-sender-rejected.pcap 'smtpd_null_access_lookup_key = <>' \
    'smtpd_sender_restrictions = check_sender_access inline:{<>=REJECT}'
}

# The spool has less free space than the server insists on: 452 4.3.1.
scene_no_space() {
  ARGUMENTS=()
  restricted rules/temp-local-error-no-space.pcap 'queue_minfree = 900000000000000' 'message_size_limit = 10240000'
}

scene_deferred_other() {
  ARGUMENTS=()
  restricted rules/deferred-other.pcap 'smtpd_recipient_restrictions = check_recipient_access inline:{{anna@mail.example=DEFER 4.3.5 moved this weekend}}'
}

# The recipient needs SMTPUTF8, the server does not offer it: Postfix gives up behind EHLO.
scene_smtputf8_missing() {
  net_public
  plain_server 'smtputf8_enable = no'
  relay_client 'smtputf8_enable = yes'
  record client rules/smtputf8-missing-postfix.pcap
  send_mail client 'jörg@mail.example'
  wait_for 20 mail_log_has client 1 'status=(bounced|deferred)'
  record_end
  mail_log client | grep status=
}

# nodemailer sends such an address all the same, and OpenSMTPD refuses it.
scene_smtputf8_refused() {
  net_public
  host server mail.example opensmtpd
  opensmtpd_server 198.51.100.25
  host client client.example node-mail
  record client rules/smtputf8-missing-nodemailer.pcap
  nodemailer '{ host: "mail.example", port: 25, name: "client.example" }' \
    '{ from: "anna@client.example", to: "jörg@mail.example", subject: "Test", text: "To Jörg\n" }'
  record_end
}

# swaks sends such an address to Postfix, which takes it.
scene_non_ascii_recipient() {
  ARGUMENTS=(--to 'jörg@mail.example')
  restricted rules/non-ascii-recipient.pcap 'smtputf8_enable = no'
}

# Exim, whose administrators wrote codes into the texts of their lists: `defer` with a 5.7.1.
scene_code_class_mismatch() {
  net_public
  host server mail.example exim
  RCPT_ACL='  defer message = 5.7.1 we do not want this' exim_server
  host client client.example swaks
  record client rules/code-class-mismatch-exim.pcap
  swaks_from_client --to anna@mail.example
  record_end
}

# The client is killed while the server looks at the recipient.
scene_client_killed() {
  net_public
  plain_server 'smtpd_recipient_restrictions = sleep 6' 'smtpd_discard_ehlo_keywords = pipelining'
  relay_client
  record client rules/client-vanishes-killed.pcap
  send_mail client anna@mail.example
  wait_for 10 on server sh -c 'ss -Htn state established "( sport = :25 )" | grep -q .'
  sleep 2
  on client sh -c 'kill -KILL $(pidof smtp)'
  record_end 6
}

# The client stands still for 14 seconds behind the reply to RCPT; no PIPELINING.
scene_slow_client() {
  net_public
  plain_server 'smtpd_recipient_restrictions = sleep 3' 'smtpd_discard_ehlo_keywords = pipelining'
  relay_client
  record client rules/slow-client-stopped.pcap
  send_mail client anna@mail.example
  wait_for 10 on server sh -c 'ss -Htn state established "( sport = :25 )" | grep -q .'
  sleep 1
  on client sh -c 'kill -STOP $(pidof smtp)'
  sleep 15
  on client sh -c 'kill -CONT $(pidof smtp)'
  wait_for 20 mail_log_has client 1 'status=sent'
  record_end
}

# The message loops: it has more Received fields than the server lets pass.
scene_received_loop() {
  net_public
  plain_server
  host client client.example swaks
  { for i in $(seq 1 51); do printf 'Received: from a.client.example by b.client.example id %s; Mon, 06 Jan 2025 10:00:%02d +0000\n' "$i" "$i"; done
    message 'In a loop' anna@mail.example; } | on_input client sh -c 'cat > /tmp/loop'
  record client rules/received-loop.pcap
  swaks_from_client --to anna@mail.example --data @/tmp/loop
  record_end
}

# A body of 8-bit text with a line of 3000 octets, and neither Date nor From (swaks).
scene_swaks_rough_message() {
  net_public
  plain_server
  host client client.example swaks
  { printf 'Subject: rough\n\nGrüße\n'; printf 'x%.0s' $(seq 1 3000); printf '\n'; } | on_input client sh -c 'cat > /tmp/rough'
  record client rules/message-rough-swaks.pcap
  swaks_from_client --to anna@mail.example --data @/tmp/rough
  record_end
}

# EHLO is refused, by a filter of commands that spoils it, and Postfix falls back to HELO.
scene_helo_fallback() {
  net_public
  plain_server 'smtpd_command_filter = regexp:{{/^EHLO / XXLO client.example}}'
  relay_client
  record client rules/ehlo-rejected-helo-fallback.pcap
  send_mail client anna@mail.example
  wait_for 20 mail_log_has client 1 'status=sent'
  record_end
}

# A firewall on the path that overwrites STARTTLS in the server's offer, as an inspecting one does; before it did, TLS worked.
scene_starttls_masked() {
  net_public
  # What nftables overwrites needs no new checksum where none is checked.
  offload on
  host server mail.example postfix
  certificate server
  tls_postfix
  relay_client 'smtp_tls_security_level = may'
  record client rules/starttls-stripped-on-the-path.pcap
  send_mail client anna@mail.example
  wait_for 20 mail_log_has client 1 'status=sent'
  # "250-mail.example", PIPELINING, SIZE 10240000, VRFY, ETRN: STARTTLS stands 77 octets into the payload of the EHLO reply,
  # which stands 32 octets into the segment.
  ip netns exec "${PREFIX}router" nft "add table inet block; add chain inet block forward { type filter hook forward priority 0; }; add rule inet block forward tcp sport 25 @th,872,64 0x5354415254544c53 @th,872,64 set 0x5858585858585858"
  SUBJECT='A second' send_mail client bert@mail.example
  wait_for 20 mail_log_has client 2 'status=sent'
  record_end
}

# The same device hides the greeting too, as an old PIX does.
scene_banner_masked() {
  net_public
  offload on
  host server mail.example postfix
  certificate server
  tls_postfix
  host client client.example swaks
  # 26 octets behind "220 ": 16 and 10.
  ip netns exec "${PREFIX}router" nft "add table inet block; add chain inet block forward { type filter hook forward priority 0; }; add rule inet block forward tcp sport 25 @th,872,64 0x5354415254544c53 @th,872,64 set 0x5858585858585858; add rule inet block forward tcp sport 25 @th,256,32 0x32323020 @th,288,128 set 0x2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a @th,416,64 set 0x2a2a2a2a2a2a2a2a @th,480,16 set 0x2a2a"
  record client rules/banner-masked.pcap
  swaks_from_client --tls-optional --to anna@mail.example
  record_end
}

# A greeting of stars to Postfix, which takes it for a PIX and says HELO at once: the reply to EHLO is never asked for.
scene_banner_masked_postfix() {
  net_public
  offload on
  host server mail.example postfix
  certificate server
  tls_postfix
  relay_client 'smtp_tls_security_level = may'
  ip netns exec "${PREFIX}router" nft "add table inet block; add chain inet block forward { type filter hook forward priority 0; }; add rule inet block forward tcp sport 25 @th,256,32 0x32323020 @th,288,128 set 0x2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a @th,416,64 set 0x2a2a2a2a2a2a2a2a @th,480,16 set 0x2a2a"
  record client rules/banner-masked-postfix.pcap
  send_mail client anna@mail.example
  wait_for 20 mail_log_has client 1 'status=(sent|deferred)'
  record_end
  mail_log client | grep -E 'PIX|status=' >&2
}

# A policy service checks SPF, and the domain forbids everybody to send.
scene_spf() {
  net_public
  host server mail.example postfix unbound spf
  name_server 'client.example. A 192.0.2.10' 'client.example. TXT "v=spf1 -all"' 'mail.example. A 198.51.100.25'
  POSTFIX_SERVICES='policy unix - n n - 0 spawn user=vmail argv=/usr/bin/policyd-spf' postfix_start server 'myhostname = mail.example' \
    'mydestination = mail.example' 'mynetworks = 127.0.0.0/8' 'local_transport = discard' 'local_recipient_maps =' \
    'smtpd_recipient_restrictions = reject_unauth_destination, check_policy_service unix:private/policy'
  host client client.example swaks
  record client rules/spf-policyd.pcap
  swaks_from_client --to anna@mail.example
  record_end
  mail_log server | tail -n 5 >&2
}

# openssl s_client asks for STARTTLS though nothing offers it: 502.
scene_starttls_502() {
  net_public
  plain_server
  host client client.example
  record client rules/starttls-502-openssl.pcap
  on client openssl s_client -starttls smtp -connect mail.example:25 -name client.example || true
  record_end
}

# Postfix's LMTP client at an SMTP server.
scene_lmtp_to_smtp() {
  net_public
  plain_server
  relay_client 'default_transport = lmtp:[mail.example]:25' 'relayhost ='
  record client rules/lmtp-vs-smtp-postfix.pcap
  send_mail client anna@mail.example
  wait_for 20 mail_log_has client 1 'status=(deferred|bounced)'
  record_end
}

# An IMAP server listens on 587 (Dovecot).
scene_wrong_service() {
  net_public
  host server mail.example dovecot imap
  certificate server
  DOVECOT_PROTOCOLS=imap dovecot_start server plain 'service imap-login {' '  inet_listener imap {' '    port = 587' '  }' '}'
  wait_for 10 listening server 587
  host client client.example swaks
  record client rules/wrong-service-imap.pcap
  swaks_from_client --port 587 --timeout 5 --to anna@mail.example
  record_end
}

# A server that calls itself localhost; a client that names another address than its own.
scene_names() {
  net_public
  plain_server 'smtpd_banner = localhost ESMTP'
  host client client.example swaks
  record client rules/banner-and-helo-names.pcap
  on client swaks --server mail.example --helo '[192.0.2.99]' --from anna@client.example --to anna@mail.example --hide-all
  record_end
}

# Behind a load balancer that sends the PROXY header to a Postfix that expects none, and swaks without one to a Postfix that does.
scene_proxy_header() {
  net_public
  plain_server
  host client client.example haproxy swaks
  on_input client sh -c 'cat > /etc/haproxy.cfg' <<'CONF'
defaults
  mode tcp
  timeout connect 5s
  timeout client 20s
  timeout server 20s
listen mail
  bind 127.0.0.1:2525
  server one 198.51.100.25:25 send-proxy
CONF
  on client sh -c 'haproxy -D -f /etc/haproxy.cfg'
  record client rules/proxy-protocol-mismatch-haproxy.pcap
  on client swaks --server 127.0.0.1 --port 2525 --timeout 10 --helo client.example --from anna@client.example --to anna@mail.example --hide-all || true
  record_end
}

scene_xclient() {
  ARGUMENTS=(--xclient 'NAME=other.example ADDR=203.0.113.9')
  restricted rules/xclient-accepted.pcap 'smtpd_authorized_xclient_hosts = 192.0.2.10'
}

# Exim and the recipient of CVE-2019-10149.
scene_exploit_probe() {
  net_public
  host server mail.example exim
  exim_server
  host client client.example swaks
  record client rules/exploit-probe-exim.pcap
  swaks_from_client --to '${run{\x2fbin\x2ftrue}}@mail.example'
  record_end
}

# A server that relays for everybody who writes the address with a percent sign.
scene_open_relay() {
  ARGUMENTS=(--from anna@elsewhere.example --to friend%faraway.example@mail.example)
  restricted rules/open-relay-percent.pcap 'allow_untrusted_routing = yes' 'default_transport = discard' 'mynetworks = 0.0.0.0/0'
}

# The same message by the same client after a 550, at once.
scene_5xx_retry() {
  net_public
  plain_server 'smtpd_recipient_restrictions = check_recipient_access inline:{anna@mail.example=REJECT}'
  host client client.example swaks
  record client rules/5xx-retry.pcap
  local i
  for i in 1 2 3; do
    swaks_from_client --to anna@mail.example
    sleep 11
  done
  record_end
}

# The same mail on its way in and out of a relay.
scene_two_hops() {
  net_public
  host server relay.example postfix
  postfix_start server 'myhostname = relay.example' 'mydestination =' 'mynetworks = 192.0.2.0/24' \
    'relayhost = [192.0.2.10]' 'inet_protocols = ipv4'
  host client client.example swaks aiosmtpd
  on client sh -c '/usr/bin/python3 -m aiosmtpd -n -l 192.0.2.10:25 -c aiosmtpd.handlers.Sink >/var/log/aiosmtpd 2>&1 &'
  wait_for 10 listening client 25
  message 'Over a relay' anna@mail.example | on_input client sh -c 'cat > /tmp/mail'
  record client rules/same-mail-several-hosts.pcap
  swaks_from_client --to anna@mail.example --data @/tmp/mail
  wait_for 20 mail_log_has server 1 'status=sent'
  record_end
}

# The server's SYN/ACK does not arrive; captured at the server.
scene_synack_retransmit() {
  net_public
  plain_server
  host client client.example swaks
  block 'tcp sport 25 drop'
  record server rules/synack-retransmit.pcap
  swaks_from_client --timeout 8 --to anna@mail.example
  record_end
}

# Postfix tries five times, every eleven seconds, and is refused alike.
scene_retry_series() {
  net_public
  plain_server 'smtpd_recipient_restrictions = check_recipient_access inline:{{anna@mail.example=DEFER 4.7.1 not now}}'
  relay_client
  record client rules/retry-series-postfix.pcap
  send_mail client anna@mail.example
  deferred
  local i
  for i in 2 3 4; do
    sleep 11
    on client postqueue -f
    deferred "$i"
  done
  record_end
}

# Scripted clients (typed) before a real Postfix or OpenSMTPD.

HELLO='EHLO client.example' FROM='MAIL FROM:<anna@client.example>' TO='RCPT TO:<anna@mail.example>'

typed_to_postfix() { # FILE LINE…
  net_public
  plain_server
  typed_at "$1" 25 "${@:2}"
}

typed_to_opensmtpd() {
  net_public
  host server mail.example opensmtpd
  opensmtpd_server 198.51.100.25
  typed_at "$1" 25 "${@:2}"
}

scene_commands_out_of_order() { typed_to_postfix rules/bad-sequence.pcap "$HELLO" "$TO" "$FROM" "$FROM" DATA QUIT; }
scene_commands_unknown() { typed_to_postfix rules/unknown-command.pcap "$HELLO" 'HELP ME' FROBNICATE 'XMAGIC 1' QUIT; }
scene_commands_paths() {
  typed_to_postfix rules/path-syntax.pcap "$HELLO" 'MAIL FROM:anna@client.example' 'RCPT TO: anna@mail.example' RSET \
    'MAIL FROM: <anna@client.example>' 'RCPT TO:<anna@mail.example> <bert@mail.example>' QUIT
}
scene_commands_parameters() { typed_to_postfix rules/mail-params-unsupported.pcap "$HELLO" 'MAIL FROM:<anna@client.example> MT-PRIORITY=3' QUIT; }
scene_commands_bare_cr() { typed_to_postfix rules/bare-cr.pcap "$HELLO" "$FROM" "$TO" DATA '^From: anna@client.example\r\nSubject: bare\r\nDate: Mon, 06 Jan 2025 10:00:00 +0000\r\n\r\none\rtwo\rthree\r\n' . QUIT; }
scene_commands_nul() { typed_to_postfix rules/nul-in-stream.pcap "$HELLO" "$FROM" "$TO" DATA '^From: anna@client.example\r\nSubject: nul\r\nDate: Mon, 06 Jan 2025 10:00:00 +0000\r\n\r\none\x00two\r\n' . QUIT; }
scene_commands_dots() { typed_to_postfix rules/dot-stuffing-missing.pcap "$HELLO" "$FROM" "$TO" DATA '^From: anna@client.example\r\nSubject: dots\r\nDate: Mon, 06 Jan 2025 10:00:00 +0000\r\n\r\nfirst part\r\n.\r\nsecond part\r\nof the message\r\n' . QUIT; }
scene_commands_bdat() { typed_to_postfix rules/bdat-errors.pcap "$HELLO" "$FROM" "$TO" 'BDAT many LAST' 'BDAT 0' DATA QUIT; }
scene_commands_flood() { typed_to_postfix rules/junk-command-flood.pcap "$HELLO" $(printf 'NOOP %.0s' $(seq 1 105)) QUIT; }
scene_commands_vrfy() { typed_to_postfix rules/vrfy-expn-harvest.pcap "$HELLO" 'VRFY anna' 'VRFY bert' 'VRFY carl' 'VRFY root' 'VRFY postmaster' 'EXPN staff' QUIT; }
scene_commands_etrn() { typed_to_postfix rules/turn-etrn-atrn.pcap "$HELLO" 'ETRN client.example' QUIT; }
scene_commands_body_after_refusal() {
  typed_to_opensmtpd rules/body-sent-after-refusal.pcap "$HELLO" "$FROM" 'RCPT TO:<friend@elsewhere.example>' DATA \
    'Subject: all the same' 'From: anna@client.example' 'Good morning' . QUIT
}
scene_commands_blind_pipeline() {
  typed_to_opensmtpd rules/pipelining-not-offered.pcap "$HELLO" "~$FROM" "~$TO" ~DATA '%1' 'Subject: blind' QUIT
}
scene_commands_all_at_once() {
  typed_to_postfix rules/pipelining-after-sync-command.pcap '~EHLO client.example' "~$FROM" "~$TO" '~NOOP' '~RSET' ~QUIT '%1'
}
scene_commands_clear_after_starttls() {
  net_public
  host server mail.example postfix
  certificate server
  tls_postfix
  typed_at rules/tls-then-plaintext.pcap 25 "$HELLO" STARTTLS '~EHLO client.example' '%1'
}

# The client stands still in the middle of its message for more than three minutes, and the server gives up.
scene_data_stall() {
  net_public
  plain_server 'smtpd_timeout = 190s'
  relay_client
  ip netns exec "${PREFIX}client" tc qdisc add dev eth0 root tbf rate 300kbit burst 4kb latency 2s
  record client rules/data-stall-client-stopped.pcap
  long_mail 4000
  wait_for 10 on server sh -c 'ss -Htn state established "( sport = :25 )" | grep -q .'
  sleep 1
  on client sh -c 'kill -STOP $(pidof smtp)'
  sleep 200
  record_end
}

# Nothing said for five minutes.
scene_commands_idle() { typed_to_postfix rules/idle-timeout.pcap "$HELLO" '%305' NOOP; }
