# Mail that arrives: the variety of normal dialogues.

postfix_server() { # MAIN-CF-LINE…
  host server mail.example postfix
  postfix_start server 'myhostname = mail.example' 'mydestination = mail.example, mail.internal.example' \
    'mynetworks = 127.0.0.0/8' "$@"
}

postfix_client() { # MAIN-CF-LINE…
  host client client.example postfix sasl-modules
  postfix_start client 'myhostname = client.example' 'mydestination =' 'inet_interfaces = loopback-only' \
    'minimal_backoff_time = 4s' 'queue_run_delay = 4s' "$@"
}

sent() { wait_for 40 mail_log_has client "${1:-1}" 'status=sent'; }

# Postfix to Postfix in clear: MAIL, two RCPT and DATA in one segment.
scene_postfix_pipelining() {
  net_public
  postfix_server
  postfix_client 'relayhost = [mail.example]'
  record client healthy/postfix-pipelining.pcap
  send_mail client anna@mail.example bert@mail.example
  sent 2
  record_end
}

# Two messages in one connection, Postfix's connection cache, to Exim.
scene_postfix_two_messages() {
  net_public
  host server mail.example exim
  exim_server
  postfix_client 'relayhost = [mail.example]' 'smtp_connection_cache_destinations = mail.example' \
    'initial_destination_concurrency = 1' 'smtp_destination_concurrency_limit = 1'
  record client healthy/postfix-two-messages-one-connection.pcap
  SUBJECT='First of two' send_mail client anna@mail.example
  SUBJECT='Second of two' send_mail client bert@mail.example
  sent 2
  record_end 4
}

# Exim to Postfix with CHUNKING: a short message in one BDAT, then one of 30 KB in several.
scene_exim_bdat() {
  net_public
  postfix_server
  host client client.example exim
  exim_client 25 </dev/null
  record client healthy/exim-bdat-chunking.pcap
  exim_send client anna@mail.example
  { message 'In chunks' anna@mail.example; seq -f 'line %05g of many, all alike and long enough to fill it up' 1 500; } |
    on_input client exim4 -odf -oi -f anna@client.example anna@mail.example
  record_end
}

# Exim to Exim: on the second connection commands before the greeting, because both know PIPECONNECT.
scene_exim_pipe_connect() {
  net_public
  host server mail.example exim
  exim_server 'pipelining_connect_advertise_hosts = *'
  host client client.example exim
  exim_client 25 'hosts_pipe_connect = *' </dev/null
  record client healthy/exim-pipe-connect.pcap
  exim_send client anna@mail.example
  SUBJECT='Second connection' exim_send client anna@mail.example
  record_end
}

# The same with STARTTLS: EHLO and STARTTLS in one segment, before the greeting, and both legitimate.
scene_exim_pipe_connect_starttls() {
  net_public
  host server mail.example exim
  EXIM_TLS_HOSTS='*' exim_server 'pipelining_connect_advertise_hosts = *'
  host client client.example exim
  exim_client 25 'hosts_pipe_connect = *' </dev/null
  record client healthy/exim-pipe-connect-starttls.pcap
  exim_send client anna@mail.example
  SUBJECT='Second connection' exim_send client anna@mail.example
  record_end
}

# Postfix to OpenSMTPD over IPv6.
scene_postfix_opensmtpd_ipv6() {
  net_ipv6
  host server mail6.example opensmtpd
  opensmtpd_server 2001:db8:2::25
  postfix_client 'relayhost = [mail6.example]' 'inet_protocols = ipv6'
  record client healthy/postfix-opensmtpd-ipv6.pcap
  send_mail client anna@mail.example
  sent
  record_end
}

opensmtpd_server() { # ADDRESS
  opensmtpd_start server <<CONF
listen on $1 port 25 hostname mail.example
action "drop" mda "/bin/cat >/dev/null" user anna
match from any for domain "mail.example" action "drop"
CONF
}

# swaks to OpenSMTPD: one command at a time.
scene_swaks_opensmtpd() {
  net_public
  host server mail.example opensmtpd
  opensmtpd_server 198.51.100.25
  host client client.example swaks
  record client healthy/swaks-opensmtpd-clear.pcap
  on client swaks --server mail.example --helo client.example --from anna@client.example --to anna@mail.example \
    --header 'Subject: From swaks' --hide-all
  record_end
}

# Sendmail on both sides of one: swaks writes to it, and it writes to Postfix.
scene_swaks_sendmail() {
  net_public
  host server mail.example sendmail
  sendmail_start server "LOCAL_DOMAIN(\`mail.example')dnl"
  host client client.example swaks
  record client healthy/swaks-sendmail.pcap
  on client swaks --server mail.example --helo client.example --from anna@client.example --to anna@mail.example \
    --header 'Subject: From swaks' --hide-all
  record_end
}
scene_sendmail_postfix() {
  net_public
  postfix_server
  host client client.example sendmail
  sendmail_configure client "define(\`SMART_HOST', \`[198.51.100.25]')dnl" "MASQUERADE_AS(\`client.example')dnl"
  record client healthy/sendmail-postfix.pcap
  message 'From Sendmail' anna@mail.example |
    on_input client /usr/libexec/sendmail/sendmail -Am -odi -oi -f anna@client.example anna@mail.example
  record_end
}

# STARTTLS, TLS 1.3, then a delivery that cannot be read.
scene_postfix_starttls() {
  net_public
  host server mail.example postfix
  certificate server
  postfix_start server 'myhostname = mail.example' 'mydestination = mail.example' 'mynetworks = 127.0.0.0/8' \
    'smtpd_tls_security_level = may' 'smtpd_tls_chain_files = /etc/mail-key.pem, /etc/mail-cert.pem'
  postfix_client 'relayhost = [mail.example]' 'smtp_tls_security_level = encrypt'
  record client healthy/postfix-starttls.pcap
  send_mail client anna@mail.example
  sent
  record_end
}

# The same with TLS 1.2, whose certificate stands in clear.
scene_postfix_starttls_tls12() {
  net_public
  host server mail.example postfix
  certificate server
  postfix_start server 'myhostname = mail.example' 'mydestination = mail.example' 'mynetworks = 127.0.0.0/8' \
    'smtpd_tls_security_level = may' 'smtpd_tls_chain_files = /etc/mail-key.pem, /etc/mail-cert.pem'
  postfix_client 'relayhost = [mail.example]' 'smtp_tls_security_level = encrypt' 'smtp_tls_protocols = TLSv1.2' \
    'smtp_tls_mandatory_protocols = TLSv1.2'
  record client healthy/postfix-starttls-tls12.pcap
  send_mail client anna@mail.example
  sent
  record_end
}

# msmtp with implicit TLS on 465.
scene_msmtp_implicit_tls() {
  net_public
  host server mail.example postfix dovecot
  certificate server
  dovecot_start server 'plain login'
  POSTFIX_SERVICES='465 inet n - n - - smtpd -o smtpd_tls_wrappermode=yes -o smtpd_sasl_auth_enable=yes' \
    postfix_start server 'myhostname = mail.example' 'mydestination = mail.example' 'smtpd_sasl_type = dovecot' \
    'smtpd_sasl_path = private/auth' 'smtpd_tls_chain_files = /etc/mail-key.pem, /etc/mail-cert.pem'
  host client client.example msmtp
  on_input client sh -c 'cat > /etc/ca.pem' <"$WORK/tls/cert.pem"
  record client healthy/msmtp-implicit-tls-465.pcap
  message 'From msmtp' anna@mail.example |
    on_input client msmtp --host=mail.example --port=465 --domain=client.example --from=anna@client.example --tls=on \
      --tls-starttls=off --tls-trust-file=/etc/ca.pem --auth=plain --user=anna --passwordeval="echo $PASSWORD" \
      anna@mail.example
  record_end
}

# The submission service of Dovecot on 587, in front of a Postfix on the same host.
submission_server() {
  host server mail.example postfix dovecot
  certificate server
  DOVECOT_PROTOCOLS=submission dovecot_start server "$1" 'hostname = mail.example' \
    'submission_relay_host = 127.0.0.1' 'submission_relay_port = 25' \
    'service submission-login {' '  inet_listener submission {' '    port = 587' '  }' '}'
  postfix_start server 'myhostname = mail.example' 'mydestination = mail.example, mail.internal.example' \
    'mynetworks = 127.0.0.0/8' 'default_transport = discard'
  wait_for 10 listening server 587
}

# AUTH PLAIN in clear on 587 between private addresses.
scene_swaks_auth_plain_private() {
  net_private
  submission_server 'plain login'
  host client client.internal.example swaks
  record client healthy/swaks-auth-plain-587-private.pcap
  on client swaks --server mail.internal.example --port 587 --helo client.internal.example --auth PLAIN --auth-user anna \
    --auth-password "$PASSWORD" --from anna@client.example --to friend@elsewhere.example --hide-all
  record_end
}

# LMTP on port 24: Postfix's lmtp client to Dovecot, two recipients, one reply for each after the dot.
scene_postfix_dovecot_lmtp() {
  net_private
  host server mail.internal.example dovecot
  certificate server
  DOVECOT_PROTOCOLS=lmtp dovecot_start server plain 'auth_username_format = %n' \
    'service lmtp {' '  inet_listener lmtp {' '    port = 24' '  }' '}'
  wait_for 10 listening server 24
  postfix_client 'default_transport = lmtp:[mail.internal.example]:24'
  record client healthy/postfix-dovecot-lmtp.pcap
  send_mail client anna@mail.example bert@mail.example
  sent 2
  record_end
}

# nodemailer to aiosmtpd: an 8-bit message to two recipients; nodemailer leaves without QUIT.
scene_nodemailer_aiosmtpd() {
  net_public
  host server mail.example aiosmtpd
  on server sh -c '/usr/bin/python3 -m aiosmtpd -n -l 198.51.100.25:25 -c aiosmtpd.handlers.Sink >/var/log/aiosmtpd 2>&1 &'
  wait_for 10 listening server 25
  host client client.example node-mail
  record client healthy/nodemailer-aiosmtpd.pcap
  nodemailer '{ host: "mail.example", port: 25, name: "client.example" }' \
    '{ from: "Anna <anna@client.example>", to: "anna@mail.example, bert@mail.example", subject: "Grüße", text: "Grüße aus Köln\n" }'
  record_end
}

nodemailer() { # TRANSPORT MAIL
  on client "$(command -v node)" -e "
    const { createTransport } = require('/opt/node-mail/node_modules/nodemailer');
    createTransport($1).sendMail($2).then(({ response }) => console.error(response), (error) => console.error(error.message));"
}

# A message of 60 KB with segmentation offload on, captured at the sender: segments larger than the wire ever saw.
scene_postfix_offload() {
  net_public
  offload on
  postfix_server
  postfix_client 'relayhost = [mail.example]'
  record client healthy/postfix-large-message-offload.pcap
  { message 'A large one' anna@mail.example; seq -f 'line %05g of many, all alike and long enough to fill it up' 1 1000; } |
    on_input client /usr/sbin/sendmail -oi -f anna@client.example anna@mail.example
  sent
  record_end
}
