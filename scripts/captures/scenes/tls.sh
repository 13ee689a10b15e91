# TLS that fails, or that is old.

# issue HOST FROM UNTIL   A certificate for mail.example from an authority of our own, valid between two days (YYYYMMDD);
# the authority's goes to /etc/ca.pem of every host that is given a certificate or asks for it with trust_authority.
issue() {
  local place=$WORK/tls/authority
  [ -e "$place/ca.pem" ] || {
    mkdir -p "$place/made"
    : >"$place/index.txt"
    echo 1000 >"$place/serial"
    printf '%s\n' '[ca]' 'default_ca=d' '[d]' "database=$place/index.txt" "serial=$place/serial" "new_certs_dir=$place/made" \
      'default_md=sha256' 'policy=p' 'copy_extensions=copy' 'unique_subject=no' '[p]' 'commonName=supplied' >"$place/ca.cnf"
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 36500 -subj '/CN=Example Test CA' \
      -keyout "$place/ca.key" -out "$place/ca.pem" 2>/dev/null
  }
  openssl req -new -newkey rsa:2048 -nodes -subj '/CN=mail.example' -addext 'subjectAltName=DNS:mail.example' \
    -keyout "$place/$1.key" -out "$place/$1.csr" 2>/dev/null
  openssl ca -batch -notext -config "$place/ca.cnf" -cert "$place/ca.pem" -keyfile "$place/ca.key" -in "$place/$1.csr" \
    -out "$place/$1.pem" -startdate "${2}000000Z" -enddate "${3}000000Z" 2>/dev/null
  cat "$place/$1.pem" "$place/ca.pem" | on_input "$1" sh -c 'cat > /etc/mail-cert.pem'
  on_input "$1" sh -c 'cat > /etc/mail-key.pem; chmod 600 /etc/mail-key.pem' <"$place/$1.key"
}

trust_authority() { on_input "$1" sh -c 'cat > /etc/ca.pem' <"$WORK/tls/authority/ca.pem"; }

tls_postfix() { # MAIN-CF-LINE…   A Postfix that has its certificate already.
  postfix_start server 'myhostname = mail.example' 'mydestination = mail.example' 'mynetworks = 127.0.0.0/8' \
    'smtpd_tls_security_level = may' 'smtpd_tls_chain_files = /etc/mail-key.pem, /etc/mail-cert.pem' "$@"
}

# The certificate ran out, and the client checks it: an alert in clear, in TLS 1.2, with the certificate before it.
scene_tls_alert_expired() {
  net_public
  host server mail.example postfix
  issue server 20240101 20250101
  tls_postfix
  host client client.example swaks
  trust_authority client
  record client rules/tls-alert-certificate-expired.pcap
  swaks_from_client --tls --tls-verify --tls-ca-path /etc/ca.pem --tls-protocol tlsv1_2 --to anna@mail.example
  record_end
}

# The client is Exim with GnuTLS: its alert is encrypted.
scene_tls_alert_encrypted() {
  net_public
  host server mail.example postfix
  certificate server
  tls_postfix
  host client client.example exim
  issue client 20240101 21240101
  trust_authority client
  exim_client 25 'tls_verify_certificates = /etc/ca.pem' 'tls_verify_hosts = *' 'hosts_require_tls = *' </dev/null
  record client rules/tls-alert-encrypted-exim-gnutls.pcap
  exim_send client anna@mail.example
  record_end
}

# The server, Exim with GnuTLS, demands a certificate of the client, which has none: in TLS 1.3 its alert is encrypted.
scene_tls_client_certificate() {
  net_public
  host server mail.example exim
  issue server 20240101 21240101
  trust_authority server
  on server chgrp Debian-exim /etc/mail-key.pem
  on server chmod 640 /etc/mail-key.pem
  EXIM_TLS_HOSTS='*' exim_server 'tls_certificate = /etc/mail-cert.pem' 'tls_privatekey = /etc/mail-key.pem' \
    'tls_verify_certificates = /etc/ca.pem' 'tls_verify_hosts = *'
  host client client.example swaks
  record client rules/tls-alert-client-certificate-demanded.pcap
  swaks_from_client --tls --to anna@mail.example
  record_end
}

# The server takes TLS 1.3 alone, the client has no more than 1.2.
scene_tls_no_common_version() {
  net_public
  host server mail.example postfix
  certificate server
  tls_postfix 'smtpd_tls_protocols = >=TLSv1.3'
  host client client.example swaks
  record client rules/tls-alert-protocol-version.pcap
  swaks_from_client --tls --tls-protocol tlsv1_2 --to anna@mail.example
  record_end
}

# Both sides are set to take TLS 1.0.
scene_tls_10() {
  net_public
  host server mail.example postfix
  certificate server
  tls_postfix 'smtpd_tls_protocols =' 'tls_medium_cipherlist = ALL:@SECLEVEL=0' 'smtpd_tls_exclude_ciphers = aNULL'
  host client client.example swaks
  record client rules/tls-version-1.0.pcap
  swaks_from_client --tls --tls-protocol tlsv1 --tls-cipher 'ALL:@SECLEVEL=0' --to anna@mail.example
  record_end
}

# Nobody checks the certificate between mail servers, and it ran out long ago; TLS 1.2 shows it.
scene_tls_certificate_expired() {
  net_public
  host server mail.example postfix
  issue server 20240101 20250101
  tls_postfix 'smtpd_tls_exclude_ciphers = aNULL'
  relay_client 'smtp_tls_security_level = may' 'smtp_tls_protocols = <=TLSv1.2'
  record client rules/tls-certificate-expired-delivered.pcap
  send_mail client anna@mail.example
  wait_for 30 mail_log_has client 1 'status=sent'
  record_end
}

# The client requires TLS and the server has none: EHLO, QUIT.
scene_tls_required_by_client() {
  net_public
  host server mail.example postfix
  postfix_start server 'myhostname = mail.example' 'mydestination = mail.example' 'mynetworks = 127.0.0.0/8'
  relay_client 'smtp_tls_security_level = encrypt'
  record client rules/tls-required-by-client.pcap
  send_mail client anna@mail.example
  deferred
  record_end
  mail_log client | grep status=
}

# Packets over 400 bytes do not reach the server: the TLS hello is sent again and again.
scene_starttls_stall() {
  net_public
  host server mail.example postfix
  certificate server
  tls_postfix
  relay_client 'smtp_tls_security_level = encrypt' 'smtp_starttls_timeout = 20s'
  block 'tcp dport 25 meta length gt 400 drop'
  record client rules/starttls-handshake-stall.pcap
  send_mail client anna@mail.example
  deferred
  record_end
  mail_log client | grep status=
}

# A command behind STARTTLS in the same segment (scripted client); this Postfix throws it away.
scene_starttls_injection() {
  net_public
  host server mail.example postfix
  certificate server
  tls_postfix
  host client client.example
  record client rules/starttls-command-injection.pcap
  on_input client python3 - <<'PYTHON'
import socket, ssl
plain = socket.create_connection(('198.51.100.25', 25))
def reply(stream):
    text = b''
    while not (text.endswith(b'\n') and text.splitlines()[-1][3:4] == b' '):
        text += stream.recv(4096)
    return text
reply(plain)
plain.sendall(b'EHLO client.example\r\n')
reply(plain)
plain.sendall(b'STARTTLS\r\nRSET\r\n')
reply(plain)
context = ssl.create_default_context()
context.check_hostname = False
context.verify_mode = ssl.CERT_NONE
secure = context.wrap_socket(plain, server_hostname='mail.example')
secure.sendall(b'EHLO client.example\r\n')
reply(secure)
secure.sendall(b'QUIT\r\n')
reply(secure)
secure.close()
PYTHON
  record_end
}

# Exim cannot use what this OpenSMTPD sends in TLS (GnuTLS: internal error) and leaves without an alert; then in clear.
scene_tls_broken_off() {
  net_public
  host server mail.example opensmtpd
  certificate server
  opensmtpd_start server <<'CONF'
pki mail.example cert "/etc/mail-cert.pem"
pki mail.example key "/etc/mail-key.pem"
listen on 198.51.100.25 port 25 tls pki mail.example hostname mail.example
action "drop" mda "/bin/cat >/dev/null" user anna
match from any for domain "mail.example" action "drop"
CONF
  host client client.example exim
  exim_client 25 </dev/null
  record client rules/tls-broken-off-without-alert.pcap
  exim_send client anna@mail.example bert@mail.example
  record_end
}
