# Logins that fail, each in its own way.

# typed PORT LINE…   A scripted client: each line is sent, CRLF added, once the reply to the one before is there. `~LINE` is
# sent without waiting for its reply, `^LINE` just as it stands (\r \n \x00 …), `%SECONDS` is a pause. To $TYPED_TO.
typed() {
  on_input client python3 - "${TYPED_TO:-mail.example}" "$@" <<'PYTHON'
import socket, sys, time
port, lines = int(sys.argv[2]), sys.argv[3:]
peer = socket.create_connection((sys.argv[1], port), 10)
peer.settimeout(15)
replies = peer.makefile("rb")
def reply():
    while (line := replies.readline()):
        if line[3:4] != b"-":
            return
try:
    if not lines[0].startswith("%"):
        reply()
    for line in lines:
        if line[0] == "%":
            time.sleep(float(line[1:]))
            continue
        bare = line[1:] if line[0] in "~^" else line
        octets = bare.encode("utf-8")
        if line[0] == "^":
            octets = octets.decode("unicode_escape").encode("latin1")
            peer.sendall(octets)
            time.sleep(0.2)
            continue
        peer.sendall(octets + b"\r\n")
        if line[0] != "~":
            reply()
    peer.settimeout(2)
    replies.read()
except OSError:
    pass
PYTHON
}

typed_at() { # FILE PORT LINE…
  host client client.example
  record client "$1"
  typed "${@:2}"
  record_end
}

base64_of() { printf "$1" | base64 -w0; }

# Dovecot answers each wrong password later than the last; without that, what the scene is about comes to the point.
NO_PENALTY='service anvil {
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}'

# The wrong password by each mechanism: CRAM-MD5 and PLAIN by swaks, SCRAM-SHA-256 and DIGEST-MD5 by msmtp.
scene_auth_535_mechanisms() {
  net_private
  host server mail.internal.example postfix dovecot
  certificate server
  DOVECOT_LINES=$NO_PENALTY dovecot_start server 'plain login cram-md5 digest-md5 scram-sha-1 scram-sha-256'
  POSTFIX_SERVICES='587 inet n - n - - smtpd' postfix_start server 'myhostname = mail.example' \
    'mydestination = mail.example, mail.internal.example' 'smtpd_sasl_auth_enable = yes' 'smtpd_sasl_type = dovecot' \
    'smtpd_sasl_path = private/auth' 'smtpd_relay_restrictions = permit_sasl_authenticated, reject_unauth_destination'
  host client client.internal.example swaks msmtp
  record client rules/auth-535-each-mechanism.pcap
  local mechanism
  for mechanism in CRAM-MD5 PLAIN LOGIN; do
    on client swaks --server mail.internal.example --port 587 --helo client.internal.example --auth "$mechanism" --auth-user anna \
      --auth-password wrong-test-only --from anna@client.example --to friend@elsewhere.example --hide-all || true
  done
  for mechanism in scram-sha-256 scram-sha-1 digest-md5; do
    message 'From msmtp' friend@elsewhere.example |
      on_input client msmtp --host=mail.internal.example --port=587 --domain=client.internal.example --from=anna@client.example \
        --tls=off "--auth=$mechanism" --user=anna --passwordeval='echo wrong-test-only' friend@elsewhere.example || true
  done
  record_end
}

# A device that keeps its old password and comes back every eight seconds.
scene_stale_credential() {
  net_private
  login_server
  host client client.internal.example swaks
  record client rules/stale-credential-device.pcap
  local i
  for i in 1 2 3 4 5; do
    on client swaks --server mail.internal.example --port 587 --helo client.internal.example --auth LOGIN --auth-user anna \
      --auth-password wrong-test-only --from anna@client.example --to friend@elsewhere.example --hide-all || true &
    sleep 8
  done
  wait_for 10 true
  record_end 4
}

# PLAIN in clear where the server, which takes AUTH inside TLS alone, offers none (538).
scene_auth_538() {
  net_public
  login_server 'smtpd_tls_security_level = may' 'smtpd_tls_chain_files = /etc/mail-key.pem, /etc/mail-cert.pem' 'smtpd_tls_auth_only = yes'
  typed_at rules/auth-538-encryption-required.pcap 587 'EHLO client.example' \
    "AUTH PLAIN $(base64_of '\0anna\0wrong-test-only')" QUIT
}

# A mechanism that is not on the list.
scene_auth_504() {
  net_private
  host server mail.internal.example postfix dovecot
  certificate server
  DOVECOT_PROTOCOLS=submission dovecot_start server 'plain login' 'hostname = mail.example' \
    'submission_relay_host = 127.0.0.1' 'submission_relay_port = 25' \
    'service submission-login {' '  inet_listener submission {' '    port = 587' '  }' '}'
  wait_for 10 listening server 587
  TYPED_TO=mail.internal.example typed_at rules/auth-504-mechanism-not-listed.pcap 587 'EHLO client.example' 'AUTH CRAM-MD5' QUIT
}

# Base64 that is none, and a login that the client cancels, at Exim.
scene_auth_501() {
  net_private
  host server mail.internal.example exim
  exim_server 'auth_advertise_hosts = *'
  on_input server sh -c 'cat >> /etc/exim4/exim4.conf' <<CONF
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = \${if and{{eq{\$auth2}{anna}}{eq{\$auth3}{$PASSWORD}}}}
login:
  driver = plaintext
  public_name = LOGIN
  server_prompts = Username:: : Password::
  server_condition = \${if eq{\$auth2}{$PASSWORD}}
CONF
  on server sh -c 'kill "$(cat /run/exim.pid)"; sleep 1; exim4 -bd -oX 25 -oP /run/exim.pid'
  wait_for 10 listening server 25
  TYPED_TO=mail.internal.example typed_at rules/auth-501-not-base64-and-cancelled.pcap 25 'EHLO client.example' 'AUTH PLAIN no,base64!' 'AUTH LOGIN' '*' QUIT
}

# AUTH a second time, after it succeeded.
scene_auth_503() {
  net_private
  login_server
  TYPED_TO=mail.internal.example typed_at rules/auth-503-already-authenticated.pcap 587 'EHLO client.example' \
    "AUTH PLAIN $(base64_of "\\0anna\\0$PASSWORD")" "AUTH PLAIN $(base64_of "\\0anna\\0$PASSWORD")" QUIT
}

# Postfix ends the session after three errors, all of them refused logins.
scene_auth_too_many_errors() {
  net_public
  DOVECOT_LINES=$NO_PENALTY login_server 'smtpd_hard_error_limit = 3' 'smtpd_error_sleep_time = 0'
  guess_passwords rules/auth-too-many-errors.pcap
}

# swaks sends its password readable, though CRAM-MD5 was on offer; and the login succeeds, but MAIL is not its own.
scene_auth_not_owner() {
  net_private
  host server mail.internal.example postfix dovecot
  certificate server
  dovecot_start server 'plain login cram-md5'
  POSTFIX_SERVICES='587 inet n - n - - smtpd' postfix_start server 'myhostname = mail.example' \
    'mydestination = mail.example, mail.internal.example' 'smtpd_sasl_auth_enable = yes' 'smtpd_sasl_type = dovecot' \
    'smtpd_sasl_path = private/auth' 'smtpd_relay_restrictions = permit_sasl_authenticated, reject_unauth_destination' \
    'smtpd_sender_login_maps = inline:{{anna@client.example=anna},{bert@client.example=bert}}' \
    'smtpd_sender_restrictions = reject_sender_login_mismatch'
  host client client.internal.example swaks
  record client rules/auth-success-then-not-owner.pcap
  on client swaks --server mail.internal.example --port 587 --helo client.internal.example --auth PLAIN --auth-user anna \
    --auth-password "$PASSWORD" --from bert@client.example --to friend@elsewhere.example --hide-all || true
  record_end
}
