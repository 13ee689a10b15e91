# What breaks the protocol: devices on the path, programs that build replies by hand; and what shows only over many sessions.

# path_device HOW [WHAT …]   A scripted device on the router, between clients and port 25 of mail.example (lib/path-device.py).
path_device() {
  host router router.example
  on_input router sh -c 'cat > /tmp/device.py' <"$HERE/lib/path-device.py"
  on router sh -c 'exec "$@" >/var/log/device 2>&1 &' device python3 -W ignore /tmp/device.py 198.51.100.25 "$@"
  wait_for 10 listening router 2525
  ip netns exec "${PREFIX}router" nft 'add table ip meddle; add chain ip meddle prerouting { type nat hook prerouting priority -100; }; add rule ip meddle prerouting iif eth0 tcp dport 25 redirect to :2525'
}

# Behind the 220 to STARTTLS the device adds a false reply to the EHLO that will come inside TLS. Postfix throws it away.
scene_starttls_replies() {
  net_public
  host server mail.example postfix
  certificate server
  tls_postfix
  path_device behind '220 2.0.0' '250-mail.example\r\n250 AUTH PLAIN\r\n'
  relay_client 'smtp_tls_security_level = encrypt'
  record client rules/starttls-response-injection.pcap
  send_mail client anna@mail.example
  wait_for 20 mail_log_has client 1 'status=(sent|deferred)'
  record_end
  mail_log client | grep status=
}

# The device answers RCPT too, and lets the server's own answer through.
scene_one_reply_too_many() {
  net_public
  plain_server
  path_device behind '250 2.1.5' '250 Recipient ok\r\n'
  host client client.example swaks
  record client rules/reply-without-command.pcap
  swaks_from_client --to anna@mail.example
  record_end
}

# The device lets no NOOP through. The client (typed) waits six seconds and goes on.
scene_command_lost() {
  net_public
  plain_server
  path_device once NOOP
  typed_at rules/command-without-reply.pcap 25 "$HELLO" '~NOOP' '%6' QUIT
}

# The device reads one command of a packet; Postfix, which was told that it may send several, waits for the other replies.
scene_group_lost() {
  net_public
  plain_server
  path_device one-a-packet
  relay_client 'smtp_rcpt_timeout = 15s' 'smtp_data_init_timeout = 15s'
  record client rules/pipelining-server-broken.pcap
  send_mail client anna@mail.example
  deferred
  record_end
  mail_log client | grep status=
}

# A program on aiosmtpd that forgets the reply code.
scene_reply_without_code() {
  net_public
  host server mail.example aiosmtpd
  aiosmtpd_start '' <<'PYTHON'
class Handler:
    async def handle_RCPT(self, server, session, envelope, address, options):
        return '4.7.1 Please try again in five minutes'
PYTHON
  relay_client 'smtp_rcpt_timeout = 15s'
  record client rules/enhanced-as-code.pcap
  send_mail client anna@mail.example
  deferred
  record_end
  mail_log client | grep status=
}

# A program on aiosmtpd that breaks off its list of extensions with 421. Postfix and smtplib come to it.
scene_codes_mixed() {
  net_public
  host server mail.example aiosmtpd
  aiosmtpd_start '' <<'PYTHON'
class Handler:
    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        session.host_name = hostname
        return [*responses[:3], '421 4.3.2 mail.example out of descriptors, closing']

    async def handle_DATA(self, server, session, envelope):
        return '250 OK'
PYTHON
  relay_client
  record client rules/multiline-code-mismatch.pcap
  send_mail client anna@mail.example
  deferred
  message 'From smtplib' anna@mail.example |
    on_input client python3 -c 'import smtplib, sys
try:
    with smtplib.SMTP("mail.example", 25, local_hostname="client.example") as server:
        server.sendmail("anna@client.example", "anna@mail.example", sys.stdin.read())
except smtplib.SMTPException as error:
    print(error)'
  record_end
  mail_log client | grep status=
}

# A typed message without a header section, whose dots were doubled as for DATA, in a chunk to Exim.
scene_commands_dots_in_bdat() {
  net_public
  host server mail.example exim
  exim_server
  typed_at rules/dot-stuffing-in-bdat.pcap 25 "$HELLO" "$FROM" "$TO" \
    '^BDAT 46 LAST\r\n..profile and ..bashrc\r\nare what I mean:\r\n..\r\n' '%1' QUIT
}

# The router sends the reply to EHLO as it came and once more with STARTTLS crossed out (nftables): two contents in one place.
scene_two_contents() {
  net_public
  offload on
  host server mail.example postfix
  certificate server
  tls_postfix
  host client client.example swaks
  ip netns exec "${PREFIX}router" nft 'add table ip block; add chain ip block early { type filter hook prerouting priority -300; }; add rule ip block early iif eth1 tcp sport 25 @th,872,64 0x5354415254544c53 dup to 192.0.2.10 device eth0; add chain ip block forward { type filter hook forward priority 0; }; add rule ip block forward iif eth1 tcp sport 25 @th,872,64 0x5354415254544c53 @th,872,64 set 0x5858585858585858'
  record client rules/overlap-conflict.pcap
  swaks_from_client --to anna@mail.example
  record_end
}

# No DKIM signature where Exim wants one of this domain.
scene_dkim() {
  net_public
  host server mail.example exim
  MORE_ACLS='acl_dkim:
  deny dkim_status = none
       message = 550 5.7.20 No DKIM signature of $dkim_cur_signer
  accept' exim_server 'dkim_verify_signers = client.example' 'acl_smtp_dkim = acl_dkim'
  host client client.example swaks
  record client rules/dkim-exim.pcap
  swaks_from_client --to anna@mail.example
  record_end
  on server cat /var/log/exim4/mainlog >&2
}

# The domain asks to refuse what neither SPF nor DKIM covers, and OpenDMARC does as a milter of Postfix.
scene_dmarc() {
  net_public
  host server mail.example postfix unbound dmarc
  name_server 'client.example. A 192.0.2.99' 'client.example. TXT "v=spf1 a -all"' \
    '_dmarc.client.example. TXT "v=DMARC1; p=reject"' 'mail.example. A 198.51.100.25'
  on_input server sh -c 'cat > /etc/opendmarc.conf; opendmarc -c /etc/opendmarc.conf -u root' <<'CONF'
AuthservID mail.example
RejectFailures true
SPFSelfValidate true
SPFIgnoreResults true
Socket inet:8893@127.0.0.1
PidFile /run/opendmarc.pid
Syslog false
CONF
  wait_for 10 listening server 8893
  postfix_start server 'myhostname = mail.example' 'mydestination = mail.example' 'mynetworks = 127.0.0.0/8' \
    'local_transport = discard' 'local_recipient_maps =' 'smtpd_milters = inet:127.0.0.1:8893'
  host client client.example swaks
  record client rules/dmarc-opendmarc.pcap
  swaks_from_client --to anna@mail.example
  record_end
  mail_log server | tail -n 5 >&2
}

# A script hands a mail to msmtp, which has no queue; it is put off. The capture goes on: three hours later by an edit of the
# times (editcap), in which another mail of the script arrives.
scene_gave_up() {
  net_public
  host server mail.example exim
  RCPT_ACL='  defer local_parts = anna
       message = 450 4.2.0 Greylisted, please try again in 5 minutes' exim_server
  host client client.example msmtp
  local name
  for name in anna bert; do
    record client "rules/4xx-giveup-$name.pcap"
    message "To $name" "$name@mail.example" |
      on_input client msmtp --host=mail.example --domain=client.example --from=root@client.example --tls=off "$name@mail.example" || true
    record_end
  done
  editcap -F pcap -t 10800 "$CAPTURES/rules/4xx-giveup-bert.pcap" "$WORK/run/later.pcap"
  mergecap -F pcap -w "$CAPTURES/rules/4xx-giveup.pcap" "$CAPTURES/rules/4xx-giveup-anna.pcap" "$WORK/run/later.pcap"
  rm "$CAPTURES"/rules/4xx-giveup-{anna,bert}.pcap
}

# Twenty spams with forged senders were taken for a mailbox that does not exist; their bounces go to twenty domains, which
# know none of these senders.
scene_backscatter() {
  net_public
  local domains=() name
  for name in $(seq -w 1 20); do domains+=("firm$name.example"); done
  host server mail.example postfix
  postfix_start server 'myhostname = mail.example' "mydestination = $(printf '%s, ' "${domains[@]}")mail.example" \
    'mynetworks = 127.0.0.0/8' 'local_recipient_maps = inline:{anna=x}'
  host client client.example postfix
  on_input client sh -c 'cat >> /etc/hosts' <<<"198.51.100.25 ${domains[*]}"
  postfix_start client 'myhostname = client.example' 'mydestination = client.example' 'inet_interfaces = loopback-only' \
    'inet_protocols = ipv4' 'local_recipient_maps ='
  record client rules/backscatter.pcap
  for name in "${domains[@]}"; do SENDER="forged@$name" send_mail client old-name@client.example; done
  wait_for 60 mail_log_has client 20 'postfix/smtp.*status=bounced'
  record_end
}

# A scripted bot: twenty servers (addresses of one Postfix), another name each time, the same text, never QUIT.
scene_spam_bot() {
  net_public
  local last
  for last in $(seq 30 49); do address server eth0 "198.51.100.$last/24"; done
  plain_server
  host client client.example
  record client rules/spam-bot-pattern.pcap
  on_input client python3 - <<'PYTHON'
import socket
def ask(peer, line):
    peer.sendall(line + b"\r\n")
    peer.recv(4096)
for last in range(30, 50):
    peer = socket.create_connection((f"198.51.100.{last}", 25), 10)
    peer.recv(4096)
    ask(peer, b"HELO pc%d.example" % (last * 7919 % 1000))
    ask(peer, b"MAIL FROM:<win%d@client.example>" % last)
    ask(peer, b"RCPT TO:<anna@mail.example>")
    ask(peer, b"DATA")
    ask(peer, b"From: win@client.example\r\nSubject: You have won\r\n\r\nWrite to us at once\r\n.")
    peer.close()
PYTHON
  record_end
}

# A scripted client goes straight on to MAIL inside TLS, and Postfix wants EHLO first. The capture is then rewritten as a
# device that decrypts on the path writes it: what was said inside TLS, in clear.
scene_no_second_ehlo() {
  net_public
  host server mail.example postfix
  certificate server
  tls_postfix 'smtpd_helo_required = yes'
  host client client.example
  record client rules/no-ehlo-after-starttls.pcap
  on_input client python3 - >"$WORK/run/said-inside" <<'PYTHON'
import json, socket, ssl, time
plain = socket.create_connection(("198.51.100.25", 25))
def reply(stream):
    text = b""
    while not (text.endswith(b"\n") and text.splitlines()[-1][3:4] == b" "):
        text += stream.recv(4096)
    return text
reply(plain)
for line in (b"EHLO client.example", b"STARTTLS"):
    plain.sendall(line + b"\r\n")
    reply(plain)
context = ssl.create_default_context()
context.check_hostname = False
context.verify_mode = ssl.CERT_NONE
secure = context.wrap_socket(plain, server_hostname="mail.example")
said = []
for line in (b"MAIL FROM:<anna@client.example>", b"QUIT"):
    said.append(["client", time.time(), (line + b"\r\n").decode()])
    secure.sendall(line + b"\r\n")
    said.append(["server", 0, reply(secure).decode()])
    said[-1][1] = time.time()
print(json.dumps(said))
PYTHON
  record_end
  node "$HERE/lib/decrypted.mjs" "$CAPTURES/rules/no-ehlo-after-starttls.pcap" "$WORK/run/said-inside"
}
