# Dialogues in which somebody says no.

# A Postfix on 25 (and 587) with users in Dovecot.
login_server() { # MAIN-CF-LINE…
  host server mail.example postfix dovecot
  certificate server
  dovecot_start server 'plain login'
  POSTFIX_SERVICES='587 inet n - n - - smtpd' postfix_start server 'myhostname = mail.example' \
    'mydestination = mail.example, mail.internal.example' 'mynetworks = 127.0.0.0/8' 'default_transport = discard' \
    'smtpd_sasl_auth_enable = yes' 'smtpd_sasl_type = dovecot' 'smtpd_sasl_path = private/auth' \
    'smtpd_relay_restrictions = permit_sasl_authenticated, reject_unauth_destination' "$@"
}

swaks_from_client() {
  on client swaks --server mail.example --helo client.example --from anna@client.example --hide-all "$@" || true
}

# AUTH LOGIN with a wrong password: 535.
scene_auth_535_login() {
  net_public
  login_server
  host client client.example swaks
  record client rules/auth-535-login-wrong-password.pcap
  swaks_from_client --port 587 --auth LOGIN --auth-user anna --auth-password wrong-test-only --to friend@elsewhere.example
  record_end
}

# The first password is wrong, the second session has the right one.
scene_auth_535_then_success() {
  net_private
  login_server
  host client client.internal.example swaks
  record client rules/auth-535-then-success.pcap
  local secret
  for secret in wrong-test-only "$PASSWORD"; do
    on client swaks --server mail.internal.example --port 587 --helo client.internal.example --auth PLAIN --auth-user anna \
      --auth-password "$secret" --from anna@client.example --to friend@elsewhere.example --hide-all || true
  done
  record_end
}

# Exim without credentials at a submission service (Dovecot): 530 to MAIL.
scene_auth_530() {
  net_public
  host server mail.example postfix dovecot
  certificate server
  DOVECOT_PROTOCOLS=submission dovecot_start server 'plain login' 'hostname = mail.example' \
    'submission_relay_host = 127.0.0.1' 'submission_relay_port = 25' \
    'service submission-login {' '  inet_listener submission {' '    port = 587' '  }' '}'
  wait_for 10 listening server 587
  host client client.example exim
  exim_client 587 'hosts_try_chunking =' </dev/null
  record client rules/auth-530-dovecot-submission.pcap
  exim_send client friend@elsewhere.example
  record_end
}

# A password map whose key does not match: Postfix goes on without AUTH and the relay refuses with 554.
scene_relay_denied_map_key() {
  net_public
  login_server
  host client client.example postfix sasl-modules
  postfix_start client 'myhostname = client.example' 'mydestination =' 'relayhost = [mail.example]:587' \
    'inet_interfaces = loopback-only' 'smtp_sasl_auth_enable = yes' \
    'smtp_sasl_password_maps = hash:/etc/postfix/sasl_passwd' 'smtp_sasl_security_options = noanonymous'
  sasl_password_map client '[mail.example]:25'
  record client rules/relay-denied-postfix-554-map-key.pcap
  send_mail client friend@elsewhere.example
  wait_for 20 mail_log_has client 1 'status=bounced'
  record_end
}

# Exim refuses to relay: 550.
scene_relay_denied_exim() {
  net_public
  host server mail.example exim
  exim_server
  host client client.example swaks
  record client rules/relay-denied-exim-550.pcap
  swaks_from_client --to friend@elsewhere.example
  record_end
}

# Postfix defers relaying: 454 4.7.1, no greylisting.
scene_relay_denied_454() {
  net_public
  host server mail.example postfix
  postfix_start server 'myhostname = mail.example' 'mydestination = mail.example' 'mynetworks = 127.0.0.0/8' \
    'smtpd_relay_restrictions = permit_mynetworks, defer_unauth_destination'
  host client client.example swaks
  record client rules/relay-denied-postfix-454.pcap
  swaks_from_client --to friend@elsewhere.example
  record_end
}

# One recipient is unknown, the other gets the mail; OpenSMTPD.
scene_user_unknown() {
  net_public
  host server mail.example opensmtpd
  opensmtpd_start server <<'CONF'
table users { anna@mail.example }
listen on 198.51.100.25 port 25 hostname mail.example
action "drop" mda "/bin/cat >/dev/null" user anna
match from any for rcpt-to <users> action "drop"
CONF
  host client client.example exim
  exim_client 25 </dev/null
  record client rules/rcpt-550-opensmtpd-one-of-two.pcap
  exim_send client anna@mail.example nobody@mail.example
  record_end
}

# The message is refused after the dot, by Exim's DATA list.
scene_content_rejected() {
  net_public
  host server mail.example exim
  DATA_ACL='  deny message = This message scored 17.2 spam points and was rejected' exim_server
  relay_client
  record client rules/content-rejected-after-dot.pcap
  send_mail client anna@mail.example
  wait_for 20 mail_log_has client 1 'status=bounced'
  record_end
}

# Greylisting by Exim's RCPT list: 451, and seven seconds later the same mail is accepted.
scene_greylisting() {
  net_public
  host server mail.example exim
  RCPT_ACL='  defer
    condition = ${if exists{/tmp/seen}{no}{yes}}
    message = Greylisted, please try again in 5 minutes' exim_server
  relay_client
  record client rules/greylisting-then-accepted.pcap
  send_mail client anna@mail.example
  deferred
  on server touch /tmp/seen
  sleep 6
  on client postqueue -f
  wait_for 20 mail_log_has client 1 'status=sent'
  record_end
}

# The server takes 20 seconds after the dot, the client waits 10 and comes again: the mail is delivered twice.
scene_no_reply_after_dot() {
  net_public
  host server mail.example exim
  DATA_ACL='  warn condition = ${if exists{/tmp/fast}{no}{yes}}
       delay = 20s' exim_server
  relay_client 'smtp_data_done_timeout = 10s'
  record client rules/no-reply-after-dot-delivered-twice.pcap
  send_mail client anna@mail.example
  deferred
  on server touch /tmp/fast
  sleep 13
  on client postqueue -f
  wait_for 20 mail_log_has client 1 'status=sent'
  record_end 2
}

# AUTH PLAIN in clear to a public address, accepted; the client is nodemailer.
scene_credentials_in_clear() {
  net_public
  login_server 'smtpd_tls_security_level = may' 'smtpd_tls_chain_files = /etc/mail-key.pem, /etc/mail-cert.pem'
  host client client.example node-mail
  record client rules/credentials-in-clear-nodemailer.pcap
  nodemailer "{ host: 'mail.example', port: 587, name: 'client.example', ignoreTLS: true, auth: { user: 'anna', pass: '$PASSWORD' } }" \
    '{ from: "anna@client.example", to: "friend@elsewhere.example", subject: "Test", text: "In clear\n" }'
  record_end
}

# STARTTLS on offer, MAIL sent in clear all the same; the client is msmtp.
scene_starttls_offered_unused() {
  net_public
  login_server 'smtpd_tls_security_level = may' 'smtpd_tls_chain_files = /etc/mail-key.pem, /etc/mail-cert.pem'
  host client client.example msmtp
  record client rules/starttls-offered-unused-msmtp.pcap
  message 'From msmtp' anna@mail.example |
    on_input client msmtp --host=mail.example --domain=client.example --from=anna@client.example --tls=off anna@mail.example
  record_end
}

# The server insists on STARTTLS (530 5.7.0) and the client has none.
scene_tls_required() {
  net_public
  login_server 'smtpd_tls_security_level = encrypt' 'smtpd_tls_chain_files = /etc/mail-key.pem, /etc/mail-cert.pem'
  host client client.example msmtp
  record client rules/tls-required-530.pcap
  message 'From msmtp' anna@mail.example |
    on_input client msmtp --host=mail.example --domain=client.example --from=anna@client.example --tls=off anna@mail.example || true
  record_end
}

# The client does not know the issuer of the server's certificate and says so in a TLS alert (swaks, OpenSSL).
scene_tls_alert() {
  net_public
  login_server 'smtpd_tls_security_level = may' 'smtpd_tls_chain_files = /etc/mail-key.pem, /etc/mail-cert.pem'
  host client client.example swaks
  record client rules/tls-alert-unknown-ca.pcap
  swaks_from_client --tls --tls-verify --to anna@mail.example
  record_end
}

# EHLO in clear to the implicit TLS of 465 (Postfix).
scene_plaintext_on_465() {
  net_public
  host server mail.example postfix
  certificate server
  POSTFIX_SERVICES='465 inet n - n - - smtpd -o smtpd_tls_wrappermode=yes' postfix_start server 'myhostname = mail.example' \
    'mydestination = mail.example' 'smtpd_tls_chain_files = /etc/mail-key.pem, /etc/mail-cert.pem'
  host client client.example
  record client rules/plaintext-on-465.pcap
  on client bash -c 'exec 3<>/dev/tcp/198.51.100.25/465; sleep 2; printf "EHLO client.example\r\n" >&3; cat <&3' >/dev/null || true
  record_end
}

# TLS at once on port 25, where the server greets in clear (swaks, Exim).
scene_tls_on_plaintext_port() {
  net_public
  host server mail.example exim
  exim_server
  host client client.example swaks
  record client rules/tls-on-plaintext-port.pcap
  swaks_from_client --tls-on-connect --port 25 --to anna@mail.example
  record_end
}

# EHLO, then QUIT, and no AUTH was on offer (swaks, OpenSMTPD).
scene_ehlo_quit_no_auth() {
  net_public
  host server mail.example opensmtpd
  opensmtpd_server 198.51.100.25
  host client client.example swaks
  record client rules/ehlo-quit-no-auth.pcap
  swaks_from_client --quit-after EHLO --to anna@mail.example
  record_end
}

# A password guesser: six wrong passwords in one session (scripted client, real Postfix and Dovecot). By default Dovecot
# answers later and later, until Postfix loses patience with it: 454 among the 535.
guess_passwords() {
  host client client.example
  record client "$1"
  on client bash -c 'exec 3<>/dev/tcp/198.51.100.25/587
    read -r _ <&3; printf "EHLO client.example\r\n" >&3; while read -r line <&3; [ "${line:3:1}" = - ]; do :; done
    for guess in a b c d e f; do
      printf "AUTH PLAIN %s\r\n" "$(printf "\0anna\0wrong-$guess" | base64)" >&3; read -r line <&3
    done
    printf "QUIT\r\n" >&3; cat <&3' >/dev/null || true
  record_end
}

scene_auth_535_repeated() {
  net_public
  DOVECOT_LINES='service anvil {
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}' login_server 'smtpd_soft_error_limit = 20'
  guess_passwords rules/auth-535-repeated.pcap
}

scene_auth_454() {
  net_public
  login_server 'smtpd_soft_error_limit = 20'
  guess_passwords rules/auth-454-among-535.pcap
}

# The server's certificate cannot be read: STARTTLS gets 454 and Postfix, whose TLS is "may", goes on in clear.
scene_starttls_454() {
  net_public
  host server mail.example postfix
  postfix_start server 'myhostname = mail.example' 'mydestination = mail.example' 'mynetworks = 127.0.0.0/8' \
    'smtpd_tls_security_level = may' 'smtpd_tls_cert_file = /etc/not-there.pem'
  relay_client 'smtp_tls_security_level = may'
  record client rules/starttls-454-then-clear.pcap
  send_mail client anna@mail.example
  wait_for 30 mail_log_has client 1 'status=(sent|deferred)'
  record_end
  mail_log server | grep -i tls
}

# No certificate at all: STARTTLS with an anonymous cipher, TLS 1.2.
scene_starttls_anonymous() {
  net_public
  host server mail.example postfix
  postfix_start server 'myhostname = mail.example' 'mydestination = mail.example' 'mynetworks = 127.0.0.0/8' \
    'smtpd_tls_security_level = may' 'smtpd_tls_cert_file = none'
  relay_client 'smtp_tls_security_level = may'
  record client rules/starttls-anonymous-cipher.pcap
  send_mail client anna@mail.example
  wait_for 30 mail_log_has client 1 'status=sent'
  record_end
}

# A scripted client ends the message by LF.LF inside of it and smuggles a second one; this Postfix (3.7) takes both.
scene_smtp_smuggling() {
  net_public
  host server mail.example postfix
  postfix_start server 'myhostname = mail.example' 'mydestination = mail.example' 'mynetworks = 127.0.0.0/8'
  host client client.example
  record client rules/smtp-smuggling-postfix-accepts.pcap
  on client bash -c 'exec 3<>/dev/tcp/198.51.100.25/25
    ask() { printf "$1\r\n" >&3; while read -r line <&3; [ "${line:3:1}" = - ]; do :; done; }
    read -r _ <&3
    ask "EHLO client.example"; ask "MAIL FROM:<anna@client.example>"; ask "RCPT TO:<anna@mail.example>"; ask DATA
    printf "From: anna@client.example\r\nSubject: outer\r\n\r\nouter\n.\nMAIL FROM:<admin@mail.example>\r\nRCPT TO:<bert@mail.example>\r\nDATA\r\nFrom: admin@mail.example\r\nSubject: smuggled\r\n\r\nsmuggled\r\n.\r\n" >&3
    sleep 1; printf "QUIT\r\n" >&3; cat <&3' >/dev/null
  record_end
}

# The client is killed in the middle of its message (scripted client).
scene_lost_connection_in_data() {
  net_public
  host server mail.example postfix
  postfix_start server 'myhostname = mail.example' 'mydestination = mail.example' 'mynetworks = 127.0.0.0/8'
  host client client.example
  record client rules/lost-connection-in-data.pcap
  on client bash -c 'exec 3<>/dev/tcp/198.51.100.25/25
    ask() { printf "$1\r\n" >&3; while read -r line <&3; [ "${line:3:1}" = - ]; do :; done; }
    read -r _ <&3
    ask "EHLO client.example"; ask "MAIL FROM:<anna@client.example>"; ask "RCPT TO:<anna@mail.example>"; ask DATA
    printf "From: anna@client.example\r\nSubject: half\r\n\r\nonly half of it\r\n" >&3; sleep 1'
  record_end
}

# A web client that took the wrong port (curl).
scene_http_on_smtp() {
  net_public
  host server mail.example postfix
  postfix_start server 'myhostname = mail.example' 'mydestination = mail.example' 'mynetworks = 127.0.0.0/8'
  host client client.example
  record client rules/http-on-smtp-curl.pcap
  on client curl -sS --max-time 5 http://mail.example:25/ >/dev/null || true
  record_end
}
