# More mail that arrives, and monitors: made after the rules, to see whether they keep quiet about what they had not met.

# msmtp to Exim by STARTTLS, two recipients.
scene_control_msmtp_exim_starttls() {
  net_public
  host server mail.example exim
  certificate server
  on server chgrp Debian-exim /etc/mail-key.pem
  on server chmod 640 /etc/mail-key.pem
  EXIM_TLS_HOSTS='*' exim_server 'tls_certificate = /etc/mail-cert.pem' 'tls_privatekey = /etc/mail-key.pem'
  host client client.example msmtp
  on_input client sh -c 'cat > /etc/ca.pem' <"$WORK/tls/cert.pem"
  record client controls/msmtp-exim-starttls.pcap
  message 'From msmtp' anna@mail.example |
    on_input client msmtp --host=mail.example --port=25 --domain=client.example --from=anna@client.example --tls=on \
      --tls-starttls=on --tls-trust-file=/etc/ca.pem anna@mail.example bert@mail.example
  record_end
}

# nodemailer to the npm package smtp-server: an address outside ASCII by SMTPUTF8, an attachment of 40 KB, HTML and text.
scene_control_nodemailer_smtputf8() {
  net_public
  host server mail.example node-mail
  on server sh -c "$(command -v node) -e '
    const { SMTPServer } = require(\"/opt/node-mail/node_modules/smtp-server\");
    new SMTPServer({ name: \"mail.example\", authOptional: true, disabledCommands: [\"AUTH\", \"STARTTLS\"],
      onData: (stream, session, done) => { stream.resume(); stream.on(\"end\", () => done(null, \"queued as 1\")); },
    }).listen(25, \"198.51.100.25\");' >/var/log/smtp-server 2>&1 &"
  wait_for 10 listening server 25
  host client client.example node-mail
  record client controls/nodemailer-smtputf8-attachment.pcap
  nodemailer '{ host: "mail.example", port: 25, name: "client.example" }' \
    '{ from: "Jörg <jörg@client.example>", to: "anna@mail.example", subject: "Übersicht", text: "Grüße\n", html: "<p>Grüße</p>",
       attachments: [{ filename: "Übersicht.bin", content: Buffer.alloc(40000, "0123456789abcdef") }] }'
  record_end
}

# Postfix to Postfix, ten recipients in one pipelined group, one of whom does not exist.
scene_control_postfix_recipients() {
  net_public
  postfix_server 'local_recipient_maps = regexp:{{/^(anna|bert|user[0-9])@/ x}}' 'local_transport = discard'
  postfix_client 'relayhost = [mail.example]' 'mydestination = client.example' 'local_transport = discard'
  record client controls/postfix-ten-recipients-one-unknown.pcap
  send_mail client anna@mail.example bert@mail.example user{1..7}@mail.example gone@mail.example
  sent 9
  record_end 3
}

# Python's smtplib to Exim: two messages in one connection, NOOP and RSET between them, VRFY, an 8-bit body.
scene_control_smtplib() {
  net_public
  host server mail.example exim
  exim_server
  host client client.example
  record client controls/python-smtplib-two-messages.pcap
  on_input client python3 - <<'PYTHON'
import smtplib, time
from email.message import EmailMessage
from email.policy import SMTP
def mail(subject):
    made = EmailMessage(policy=SMTP.clone(cte_type="8bit"))
    made["From"], made["To"], made["Subject"] = "anna@client.example", "anna@mail.example", subject
    made["Date"], made["Message-ID"] = "Mon, 06 Jan 2025 10:00:00 +0000", f"<{len(subject)}@client.example>"
    made.set_content("Grüße aus Köln\n.\n..\nzwei Zeilen mit Punkten davor\n", cte="8bit")
    return made
with smtplib.SMTP("mail.example", 25, local_hostname="client.example") as server:
    server.ehlo()
    server.send_message(mail("one"))
    server.noop()
    server.rset()
    time.sleep(3)
    server.sendmail("anna@client.example", ["anna@mail.example", "bert@mail.example"], mail("three").as_bytes(), ["BODY=8BITMIME"])
PYTHON
  record_end
}

# msmtp to Dovecot's submission service on 587: STARTTLS, then AUTH inside TLS.
scene_control_msmtp_submission() {
  net_public
  DOVECOT_SSL=yes submission_server 'plain login'
  host client client.example msmtp
  on_input client sh -c 'cat > /etc/ca.pem' <"$WORK/tls/cert.pem"
  record client controls/msmtp-submission-starttls-auth.pcap
  message 'Submitted' friend@elsewhere.example |
    on_input client msmtp --host=mail.example --port=587 --domain=client.example --from=anna@client.example --tls=on \
      --tls-starttls=on --tls-trust-file=/etc/ca.pem --auth=plain --user=anna --passwordeval="echo $PASSWORD" \
      friend@elsewhere.example
  record_end
}

# A bounce that Exim makes and sends with the null sender to Postfix.
scene_control_bounce() {
  net_public
  postfix_server
  host client client.example exim
  exim_configure client <<'CONF'
primary_hostname = client.example
log_file_path = /var/log/exim4/%slog
untrusted_set_sender = *
begin routers
gone:
  driver = redirect
  domains = client.example
  allow_fail
  data = :fail: no such mailbox here
relay:
  driver = manualroute
  domains = *
  transport = relay
  route_list = * mail.example byname
begin transports
relay:
  driver = smtp
begin retry
* * F,1h,5s
CONF
  record client controls/exim-bounce-null-sender.pcap
  message 'To nobody' nobody@client.example | on_input client exim4 -odf -oi -f anna@mail.example nobody@client.example || true
  sleep 2
  on client exim4 -qff
  record_end 2
}

# Exim to Dovecot by LMTP over TCP, two recipients.
scene_control_exim_lmtp() {
  net_private
  host server mail.internal.example dovecot
  certificate server
  DOVECOT_PROTOCOLS=lmtp dovecot_start server plain 'auth_username_format = %n' \
    'service lmtp {' '  inet_listener lmtp {' '    port = 24' '  }' '}'
  wait_for 10 listening server 24
  host client client.example exim
  exim_configure client <<'CONF'
primary_hostname = client.example
log_file_path = /var/log/exim4/%slog
untrusted_set_sender = *
begin routers
all:
  driver = manualroute
  domains = *
  transport = lmtp
  route_list = * mail.internal.example byname
begin transports
lmtp:
  driver = smtp
  protocol = lmtp
  port = 24
  hosts_try_chunking =
begin retry
* * F,1h,5s
CONF
  record client controls/exim-dovecot-lmtp.pcap
  exim_send client anna@mail.example bert@mail.example
  record_end
}

# curl as a mail client: submission by STARTTLS and AUTH to Postfix, and a message from standard input in clear on 25.
scene_control_curl() {
  net_private
  login_server 'smtpd_tls_security_level = may' 'smtpd_tls_chain_files = /etc/mail-key.pem, /etc/mail-cert.pem' 'smtpd_tls_auth_only = yes'
  host client client.internal.example
  record client controls/curl-starttls-then-clear.pcap
  message 'From curl' anna@mail.example >"$WORK/run/message"
  on_input client curl -sS --ssl-reqd -k --url smtp://mail.internal.example:587/client.example --user "anna:$PASSWORD" \
    --mail-from anna@client.example --mail-rcpt friend@elsewhere.example --upload-file - <"$WORK/run/message" || true
  on_input client curl -sS --url smtp://mail.internal.example:25/client.example \
    --mail-from anna@client.example --mail-rcpt anna@mail.example --upload-file - <"$WORK/run/message" || true
  record_end
}

# Postfix to Postfix over IPv6 with STARTTLS, two connections of one queue run, the second reusing the TLS session.
scene_control_postfix_ipv6_resumption() {
  net_ipv6
  host server mail6.example postfix
  certificate server
  postfix_start server 'myhostname = mail.example' 'mydestination = mail.example' 'mynetworks = 127.0.0.0/8' 'inet_protocols = all' \
    'smtpd_tls_security_level = may' 'smtpd_tls_chain_files = /etc/mail-key.pem, /etc/mail-cert.pem'
  postfix_client 'relayhost = [mail6.example]' 'inet_protocols = ipv6' 'smtp_tls_security_level = may' \
    'smtp_tls_session_cache_database = btree:${data_directory}/smtp_scache'
  record client controls/postfix-ipv6-starttls-twice.pcap
  send_mail client anna@mail.example
  sent
  SUBJECT='A second' send_mail client bert@mail.example
  sent 2
  record_end
}

# A monitor, check_smtp, looks in three times; no AUTH on offer.
scene_control_check_smtp() {
  net_public
  postfix_server
  host client client.example monitoring
  record client controls/monitor-check-smtp.pcap
  local i
  for i in 1 2 3; do
    on client /usr/lib/nagios/plugins/check_smtp -H 198.51.100.25 -F client.example || true
    sleep 12
  done
  record_end
}

# The same where the server offers AUTH.
scene_control_check_smtp_auth() {
  net_public
  login_server
  host client client.example monitoring
  record client controls/monitor-check-smtp-auth-offered.pcap
  on client /usr/lib/nagios/plugins/check_smtp -H 198.51.100.25 -p 587 -F client.example || true
  record_end
}

# HAProxy's health checks of a mail server: smtpchk, and the plain TCP check.
scene_control_haproxy_checks() {
  net_public
  host server mail.example opensmtpd
  opensmtpd_server 198.51.100.25
  host client client.example haproxy
  on_input client sh -c 'cat > /etc/haproxy.cfg' <<'CONF'
defaults
  mode tcp
  timeout connect 5s
  timeout client 5s
  timeout server 5s
listen unused
  bind 127.0.0.1:2525
backend spoken
  option smtpchk EHLO balancer.client.example
  server one 198.51.100.25:25 check inter 4s
backend bare
  server one 198.51.100.25:25 check inter 4s
CONF
  record client controls/monitor-haproxy.pcap
  on client sh -c 'timeout 10 haproxy -f /etc/haproxy.cfg >/var/log/haproxy 2>&1; cat /var/log/haproxy >&2' || true
  record_end
}
