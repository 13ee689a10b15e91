# The founding case and its relatives: the server offers AUTH and the client leaves, each time for another cause.

# The server of these scenes: Postfix on port 25 that offers the mechanisms given, users in Dovecot.
auth_relay() { # MECHANISMS MAIN-CF-LINE…
  local mechanisms=$1
  shift
  host server mail.example postfix sasl-modules dovecot
  certificate server
  dovecot_start server "$mechanisms"
  postfix_start server 'myhostname = mail.example' 'mydestination = mail.example' 'mynetworks = 127.0.0.0/8' \
    'smtpd_sasl_auth_enable = yes' 'smtpd_sasl_type = dovecot' 'smtpd_sasl_path = private/auth' \
    'smtpd_relay_restrictions = permit_sasl_authenticated, reject_unauth_destination' "$@"
}

# A Postfix client that is to log in at its relay. Lines come after Postfix's defaults.
auth_client() { # MAIN-CF-LINE…
  host client client.example postfix sasl-modules
  postfix_start client 'myhostname = client.example' 'mydestination =' 'relayhost = [mail.example]:25' \
    'inet_interfaces = loopback-only' 'inet_protocols = ipv4' \
    'smtp_sasl_auth_enable = yes' 'smtp_sasl_password_maps = hash:/etc/postfix/sasl_passwd' \
    'minimal_backoff_time = 4s' 'queue_run_delay = 4s' "$@"
  sasl_password_map client '[mail.example]:25'
}

# Cyrus SASL without its mechanism plugins, as with cyrus-sasl-plain and cyrus-sasl-md5 missing in 2007. Two tries.
scene_postfix_no_mechanism() {
  net_public
  auth_relay 'cram-md5 login plain'
  auth_client 'smtp_sasl_security_options = noanonymous'
  on client sh -c 'rm -rf /usr/lib/*/sasl2'
  record client founding/postfix-no-mechanism.pcap
  send_mail client friend@elsewhere.example
  wait_for 20 mail_log_has client 1 'status=deferred'
  sleep 6
  on client postqueue -f
  wait_for 20 mail_log_has client 2 'status=deferred'
  record_end
  mail_log client | grep -E 'SASL|status='
}

# Plugins present, but the server offers only PLAIN and LOGIN and Postfix's default forbids both in clear. Two tries.
scene_postfix_noplaintext() {
  net_public
  auth_relay 'plain login'
  auth_client
  record client founding/postfix-noplaintext.pcap
  send_mail client friend@elsewhere.example
  wait_for 20 mail_log_has client 1 'status=deferred'
  sleep 6
  on client postqueue -f
  wait_for 20 mail_log_has client 2 'status=deferred'
  record_end
  mail_log client | grep -E 'SASL|status='
}
