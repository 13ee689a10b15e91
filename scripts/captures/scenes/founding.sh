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

# The password map has no .db file: the same on the wire, another cause (dsn 4.3.0, local data error).
scene_postfix_password_map_missing() {
  net_public
  auth_relay 'cram-md5 login plain'
  auth_client 'smtp_sasl_security_options = noanonymous'
  on client rm /etc/postfix/sasl_passwd.db
  record client founding/postfix-password-map-missing.pcap
  send_mail client friend@elsewhere.example
  wait_for 20 mail_log_has client 1 'status=deferred'
  record_end
  mail_log client | grep -E 'warning|status='
}

# STARTTLS would lift noplaintext, but the client's TLS is off.
scene_postfix_noplaintext_starttls_offered() {
  net_public
  auth_relay 'plain login' 'smtpd_tls_security_level = may' 'smtpd_tls_chain_files = /etc/mail-key.pem, /etc/mail-cert.pem'
  auth_client
  record client founding/postfix-noplaintext-starttls-offered.pcap
  send_mail client friend@elsewhere.example
  wait_for 20 mail_log_has client 1 'status=deferred'
  record_end
}

# msmtp in the same place: no secure mechanism without TLS. It closes with a bare FIN, without QUIT.
scene_msmtp_no_mechanism() {
  net_public
  auth_relay 'plain login'
  host client client.example msmtp
  record client founding/msmtp-no-mechanism.pcap
  message 'From msmtp' friend@elsewhere.example |
    on_input client msmtp --host=mail.example --port=25 --domain=client.example --from=anna@client.example \
      --auth=on --user=anna --passwordeval="echo $PASSWORD" --tls=off friend@elsewhere.example || true
  record_end
}

# Exim that must authenticate and has no authenticator that the server offers: QUIT after EHLO.
scene_exim_hosts_require_auth() {
  net_public
  auth_relay 'plain login'
  host client client.example exim
  exim_client 25 'hosts_require_auth = *' <<'AUTH'
cram:
  driver = cram_md5
  public_name = CRAM-MD5
  client_name = anna
  client_secret = test-only-secret
AUTH
  record client founding/exim-hosts-require-auth.pcap
  exim_send client friend@elsewhere.example
  record_end
}

# The founding case repaired: plugins present, CRAM-MD5 accepted, the queue empties.
scene_postfix_cram_md5() {
  net_public
  auth_relay 'cram-md5 login plain' 'relayhost ='  'default_transport = discard'
  auth_client 'smtp_sasl_security_options = noanonymous'
  record client healthy/postfix-cram-md5-delivered.pcap
  send_mail client friend@elsewhere.example
  wait_for 20 mail_log_has client 1 'status=sent'
  record_end
}

# The dialogue of 2007 to the letter, with the connection that was dropped before it: scripted, no stage needed.
scene_founding_case_2007() {
  node "$HERE/founding-case-2007.mjs" "$CAPTURES/founding-case-2007.pcap"
}
