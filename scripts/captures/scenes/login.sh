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

# A device on the path that knows only one of Postfix's two lines crosses the other one out: AUTH= is left. curl and msmtp
# find no login in it, Postfix reads it.
scene_auth_equals() {
  net_private
  offload on
  login_server 'broken_sasl_auth_clients = yes'
  host client client.internal.example postfix sasl-modules msmtp
  postfix_start client 'myhostname = client.example' 'mydestination =' 'relayhost = [mail.internal.example]:587' \
    'inet_interfaces = loopback-only' 'inet_protocols = ipv4' 'smtp_sasl_auth_enable = yes' \
    'smtp_sasl_password_maps = hash:/etc/postfix/sasl_passwd' 'smtp_sasl_security_options = noanonymous'
  sasl_password_map client '[mail.internal.example]:587'
  # "AUTH PLA" stands 77 octets into the reply to EHLO, as STARTTLS does where it is masked.
  block 'tcp sport 587 @th,872,64 0x4155544820504c41 @th,872,32 set 0x58585858'
  record client rules/auth-equals-syntax.pcap
  message 'From msmtp' friend@elsewhere.example |
    on_input client msmtp --host=mail.internal.example --port=587 --domain=client.internal.example --from=anna@client.example \
      --tls=off --auth=plain --user=anna --passwordeval="echo $PASSWORD" friend@elsewhere.example || true
  message 'From curl' friend@elsewhere.example | on_input client curl -sS --max-time 15 \
    --url smtp://mail.internal.example:587/client.internal.example --user "anna:$PASSWORD" --mail-from anna@client.example \
    --mail-rcpt friend@elsewhere.example --upload-file - || true
  send_mail client friend@elsewhere.example
  wait_for 20 mail_log_has client 1 'status=(sent|deferred|bounced)'
  record_end
  mail_log client | grep status=
}

# aiosmtpd with both of its mechanisms taken away still offers AUTH.
scene_auth_empty() {
  net_public
  host server mail.example aiosmtpd
  aiosmtpd_start 'auth_require_tls=False, auth_exclude_mechanism=["LOGIN", "PLAIN"]' <<'PYTHON'
from aiosmtpd.handlers import Sink as Handler
PYTHON
  relay_client 'smtp_sasl_auth_enable = yes' 'smtp_sasl_password_maps = hash:/etc/postfix/sasl_passwd' \
    'smtp_sasl_security_options = noanonymous'
  sasl_password_map client '[mail.example]'
  record client rules/auth-empty-aiosmtpd.pcap
  send_mail client anna@mail.example
  wait_for 20 mail_log_has client 1 'status=(sent|deferred|bounced)'
  record_end
  mail_log client | grep -E 'SASL|AUTH|status=' >&2
}

EXIM_PLAIN_AND_CRAM="begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = \${if and{{eq{\$auth2}{anna}}{eq{\$auth3}{$PASSWORD}}}}
cram:
  driver = cram_md5
  public_name = CRAM-MD5
  server_secret = $PASSWORD
  server_set_id = \$auth1"

# exim_login FILE AUTH-ACL SWAKS-ARGUMENT…   Exim, whose list for AUTH refuses in words of its own, and swaks.
exim_login() {
  net_private
  host server mail.internal.example exim
  MORE_ACLS=$(printf 'acl_auth:\n%s\n  accept' "$2") EXIM_AUTHENTICATORS=$EXIM_PLAIN_AND_CRAM exim_server \
    'auth_advertise_hosts = *' 'acl_smtp_auth = acl_auth'
  host client client.internal.example swaks
  record client "$1"
  on client swaks --server mail.internal.example --helo client.internal.example --auth-user anna --auth-password "$PASSWORD" \
    --from anna@client.example --to anna@mail.example --hide-all "${@:3}" || true
  record_end
}

scene_auth_534() {
  exim_login rules/auth-534-application-password.pcap \
    '  deny message = 534 5.7.9 Application-specific password required' --auth CRAM-MD5
}

scene_auth_432() {
  exim_login rules/auth-432-transition-needed.pcap '  defer condition = ${if match{$smtp_command}{CRAM}}
       message = 432 4.7.12 A password transition is needed' --auth CRAM-MD5
}

# PLAIN is on offer in clear, and refused there.
scene_auth_538_listed() {
  exim_login rules/auth-538-listed-all-the-same.pcap '  deny condition = ${if match{$smtp_command}{PLAIN}}
       !encrypted = *
       message = 538 5.7.11 Encryption required for requested authentication mechanism' --auth PLAIN
}

# Exim hides its mechanisms from this client and takes them all the same; nodemailer uses the one that it is told to.
scene_auth_not_offered() {
  net_private
  host server mail.internal.example exim
  CONNECT_ACL='  warn control = allow_auth_unadvertised' EXIM_AUTHENTICATORS=$EXIM_PLAIN_AND_CRAM exim_server 'auth_advertise_hosts ='
  host client client.internal.example node-mail
  record client rules/auth-not-offered-but-sent.pcap
  nodemailer "{ host: 'mail.internal.example', port: 25, name: 'client.internal.example', forceAuth: true, authMethod: 'PLAIN', auth: { user: 'anna', pass: '$PASSWORD' } }" \
    '{ from: "anna@client.example", to: "anna@mail.example", subject: "Test", text: "Not offered\n" }'
  record_end
}

# Dovecot asks Samba's ntlm_auth, as one does in a Windows domain, and curl asks for the challenge.
scene_ntlm_names() {
  net_public
  host server mx.corp.example postfix dovecot winbind
  certificate server
  on_input server sh -c 'mkdir -p /etc/samba /var/lib/samba/private /var/cache/samba /run/samba /var/log/samba; cat > /etc/samba/smb.conf' <<'CONF'
[global]
  workgroup = CORP
  realm = CORP.EXAMPLE
  netbios name = MX1
  security = user
  server role = standalone server
CONF
  DOVECOT_LINES=$'auth_use_winbind = yes\nauth_winbind_helper_path = /usr/bin/ntlm_auth' dovecot_start server 'plain ntlm'
  POSTFIX_SERVICES='587 inet n - n - - smtpd' postfix_start server 'myhostname = mail.example' \
    'mydestination = mail.example' 'mynetworks = 127.0.0.0/8' 'smtpd_sasl_auth_enable = yes' 'smtpd_sasl_type = dovecot' \
    'smtpd_sasl_path = private/auth' 'smtpd_relay_restrictions = permit_sasl_authenticated, reject_unauth_destination'
  host client client.example
  record client rules/internal-info-leak-ntlm.pcap
  message 'NTLM' friend@elsewhere.example | on_input client curl -sS --max-time 15 --url smtp://mail.example:587/client.example \
    --user anna:wrong-test-only --login-options AUTH=NTLM --mail-from anna@client.example \
    --mail-rcpt friend@elsewhere.example --upload-file - || true
  record_end
  on server sh -c 'tail -n 12 /var/log/dovecot.log' >&2
}
