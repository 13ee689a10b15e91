# The mail software of the scenes: each function writes a configuration on a host and starts the daemon there.

PASSWORD=test-only-secret # of user anna, on every server that has users

# postfix_start HOST MAIN-CF-LINE…   A whole Postfix; port 25 is served too. Standard settings are Postfix's own.
postfix_start() {
  local h=$1
  shift
  on_input "$h" sh -c 'cat > /etc/postfix/main.cf' <<MAIN
compatibility_level = 3.6
queue_directory = /var/spool/postfix
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
data_directory = /var/lib/postfix
mail_owner = postfix
setgid_group = postdrop
maillog_file = /var/log/mail.log
smtp_host_lookup = native
smtp_dns_support_level = disabled
lmtp_host_lookup = native
lmtp_dns_support_level = disabled
smtpd_peername_lookup = yes
alias_maps =
alias_database =
biff = no
$(printf '%s\n' "$@")
MAIN
  on_input "$h" sh -c 'cat > /etc/postfix/master.cf' <<MASTER
smtp      inet  n - n - -    smtpd
pickup    unix  n - n 60 1   pickup
cleanup   unix  n - n - 0    cleanup
qmgr      unix  n - n 300 1  qmgr
tlsmgr    unix  - - n 1000? 1 tlsmgr
rewrite   unix  - - n - -    trivial-rewrite
bounce    unix  - - n - 0    bounce
defer     unix  - - n - 0    bounce
trace     unix  - - n - 0    bounce
verify    unix  - - n - 1    verify
proxymap  unix  - - n - -    proxymap
smtp      unix  - - n - -    smtp
relay     unix  - - n - -    smtp
showq     unix  n - n - -    showq
error     unix  - - n - -    error
retry     unix  - - n - -    error
discard   unix  - - n - -    discard
local     unix  - n n - -    local
lmtp      unix  - - n - -    lmtp
anvil     unix  - - n - 1    anvil
scache    unix  - - n - 1    scache
postlog   unix-dgram n - n - 1 postlogd
${POSTFIX_SERVICES:-}
MASTER
  on "$h" sh -c 'install -d -o postfix -g root /var/lib/postfix; install -d /var/spool/postfix; chgrp postdrop /usr/sbin/postdrop /usr/sbin/postqueue; chmod 2755 /usr/sbin/postdrop /usr/sbin/postqueue; postfix start >/var/log/start 2>&1 &&
    chgrp postdrop /var/spool/postfix/maildrop /var/spool/postfix/public &&
    chmod 1730 /var/spool/postfix/maildrop && chmod 2710 /var/spool/postfix/public' ||
    { on "$h" cat /var/log/start /var/log/mail.log >&2; return 1; }
  wait_for 10 on "$h" test -S /var/spool/postfix/public/pickup
}

mail_log() { on "$1" cat /var/log/mail.log; }
# mail_log_has HOST N PATTERN   At least N lines of the log match.
mail_log_has() { [ "$(mail_log "$1" | grep -cE -- "$3")" -ge "$2" ]; }

# send_mail HOST RECIPIENT… [< MESSAGE]   The sendmail command of that host; the message is a short one by default.
send_mail() {
  local h=$1
  shift
  message "${SUBJECT:-A test}" "$1" | on_input "$h" /usr/sbin/sendmail -oi -f "${SENDER-anna@client.example}" "$@"
}

message() { # SUBJECT RECIPIENT
  printf 'From: Anna <anna@client.example>\nTo: <%s>\nSubject: %s\nDate: Mon, 06 Jan 2025 10:00:00 +0000\n' "$2" "$1"
  printf 'Message-ID: <%s@client.example>\n\nGood morning,\n.a line that begins with a dot\nAnna\n' "$(printf %s "$1" | tr 'A-Z ' 'a-z-')"
}

# sasl_password_map HOST KEY   Postfix's client password map: the relay KEY, user anna.
sasl_password_map() {
  on_input "$1" sh -c 'cat > /etc/postfix/sasl_passwd; postmap /etc/postfix/sasl_passwd' <<<"$2 anna:$PASSWORD"
}

# dovecot_start HOST MECHANISMS LINE…   Authentication for others, and the protocols that the lines name.
dovecot_start() {
  local h=$1 mechanisms=$2
  shift 2
  on_input "$h" sh -c 'install -d /var/spool/postfix; install -d -o postfix -m 700 /var/spool/postfix/private; install -d -o vmail /var/vmail
    cat > /etc/dovecot/dovecot.conf' <<CONF
log_path = /var/log/dovecot.log
protocols = ${DOVECOT_PROTOCOLS:-}
ssl = ${DOVECOT_SSL:-no}
ssl_cert = </etc/mail-cert.pem
ssl_key = </etc/mail-key.pem
disable_plaintext_auth = no
auth_mechanisms = $mechanisms
mail_location = maildir:/var/vmail/%n
mail_uid = vmail
mail_gid = vmail
first_valid_uid = 100
postmaster_address = postmaster@mail.example
passdb {
  driver = passwd-file
  args = /etc/dovecot/users
}
userdb {
  driver = passwd-file
  args = username_format=%n /etc/dovecot/users
}
service auth {
  unix_listener /var/spool/postfix/private/auth {
    mode = 0666
  }
}
$(printf '%s\n' "$@")
${DOVECOT_LINES:-}
CONF
  on_input "$h" sh -c 'cat > /etc/dovecot/users' <<<"anna:{PLAIN}$PASSWORD:904:904::/var/vmail/anna::
bert:{PLAIN}$PASSWORD:904:904::/var/vmail/bert::"
  on "$h" sh -c 'dovecot >/var/log/dovecot.start 2>&1' || { on "$h" cat /var/log/dovecot.start /var/log/dovecot.log >&2; return 1; }
  wait_for 10 on "$h" test -S /var/spool/postfix/private/auth
}

# exim_configure HOST < CONFIGURATION
exim_configure() {
  on_input "$1" sh -c 'mkdir -p /etc/exim4 /var/spool/exim4 /var/log/exim4
    chown -R Debian-exim:Debian-exim /var/spool/exim4 /var/log/exim4
    cat > /etc/exim4/exim4.conf; chown root:root /etc/exim4/exim4.conf; chmod 644 /etc/exim4/exim4.conf'
}
# exim_start HOST < CONFIGURATION   Listens on port 25.
exim_start() {
  local h=$1
  exim_configure "$h"
  on "$h" exim4 -bd -oX 25 -oP /run/exim.pid
  wait_for 10 listening "$h" 25
}

# opensmtpd_start HOST < smtpd.conf
opensmtpd_start() {
  local h=$1
  on_input "$h" sh -c 'cat > /etc/smtpd.conf; chmod 644 /etc/smtpd.conf
    install -d -m 711 /var/spool/smtpd
    install -d -g opensmtpq -m 770 /var/spool/smtpd/offline
    install -d -o opensmtpq -m 700 /var/spool/smtpd/queue /var/spool/smtpd/purge /var/spool/smtpd/temporary /var/spool/smtpd/incoming /var/spool/smtpd/corrupt
    install -d -m 755 /var/lib/opensmtpd/empty /run/opensmtpd
    smtpd -d -v >/var/log/smtpd.log 2>&1 & sleep 0.2'
  wait_for 10 listening "$h" 25 || { on "$h" cat /var/log/smtpd.log >&2; return 1; }
}

# exim_client PORT TRANSPORT-LINE… < AUTHENTICATORS   Exim on the client that hands all mail to mail.example.
exim_client() {
  local port=$1
  shift
  exim_configure client <<CONF
primary_hostname = client.example
log_file_path = /var/log/exim4/%slog
untrusted_set_sender = *
begin routers
relay:
  driver = manualroute
  domains = *
  transport = relay
  route_list = * mail.example byname
begin transports
relay:
  driver = smtp
  port = $port
$(printf '  %s\n' "$@")
begin retry
* * F,1h,5s
begin authenticators
$(cat)
CONF
}

# exim_send HOST RECIPIENT…   Hands one message to Exim there and waits for the end of the delivery try.
exim_send() {
  local h=$1
  shift
  message "${SUBJECT:-From Exim}" "$1" | on_input "$h" exim4 -odf -oi -f anna@client.example "$@" || true
  on "$h" cat /var/log/exim4/mainlog >&2
}

# exim_server_configuration   An Exim that takes mail for mail.example; lines of the RCPT, DATA and connect lists from
# $RCPT_ACL, $DATA_ACL and $CONNECT_ACL, further lists from $MORE_ACLS, authenticators from $EXIM_AUTHENTICATORS.
exim_server() {
  exim_start server <<CONF
primary_hostname = mail.example
log_file_path = /var/log/exim4/%slog
domainlist local_domains = mail.example
acl_smtp_connect = acl_connect
acl_smtp_rcpt = acl_rcpt
acl_smtp_data = acl_data
host_lookup =
rfc1413_hosts =
tls_advertise_hosts = ${EXIM_TLS_HOSTS:-}
$(printf '%s\n' "$@")
begin acl
acl_connect:
${CONNECT_ACL:-}
  accept
acl_rcpt:
${RCPT_ACL:-}
  accept domains = +local_domains
  deny message = relay not permitted
acl_data:
${DATA_ACL:-}
  accept
${MORE_ACLS:-}
begin routers
everyone:
  driver = accept
  transport = nowhere
begin transports
nowhere:
  driver = appendfile
  file = /dev/null
${EXIM_AUTHENTICATORS:-}
CONF
}

# aiosmtpd_start ARGUMENTS < HANDLER   aiosmtpd on port 25 of the server; ARGUMENTS are those of its SMTP class, the handler
# is a Python class of that name.
aiosmtpd_start() {
  { printf 'import asyncio\nfrom aiosmtpd.smtp import SMTP\n'; cat
    printf 'async def main():\n  loop = asyncio.get_running_loop()\n'
    printf '  server = await loop.create_server(lambda: SMTP(Handler(), hostname="mail.example", ident="ESMTP"%s), "198.51.100.25", 25)\n' "${1:+, $1}"
    printf '  await server.serve_forever()\nasyncio.run(main())\n'; } | on_input server sh -c 'cat > /tmp/server.py'
  on server sh -c '/usr/bin/python3 -W ignore /tmp/server.py >/var/log/aiosmtpd 2>&1 &'
  wait_for 10 listening server 25 || { on server cat /var/log/aiosmtpd >&2; return 1; }
}

# sendmail_configure HOST M4-LINE…   A sendmail.cf that knows names by /etc/hosts alone, and whose local mailer takes all.
sendmail_configure() {
  local h=$1
  shift
  on_input "$h" sh -c 'mkdir -p /etc/mail /var/spool/mqueue && chmod 700 /var/spool/mqueue
    echo "hosts files" >/etc/mail/service.switch
    m4 -D_CF_DIR_=/usr/share/sendmail/cf/ /usr/share/sendmail/cf/m4/cf.m4 - >/etc/mail/sendmail.cf' <<MC
OSTYPE(\`linux')dnl
define(\`confTRUSTED_USER', \`root')dnl
define(\`confSERVICE_SWITCH_FILE', \`/etc/mail/service.switch')dnl
define(\`QUEUE_DIR', \`/var/spool/mqueue')dnl
undefine(\`ALIAS_FILE')dnl
define(\`STATUS_FILE', \`/var/spool/mqueue/statistics')dnl
define(\`LOCAL_MAILER_PATH', \`/usr/bin/true')dnl
define(\`confPID_FILE', \`/run/sendmail.pid')dnl
define(\`confTO_IDENT', \`0')dnl
define(\`confQUEUE_LA', \`999')dnl
define(\`confREFUSE_LA', \`999')dnl
FEATURE(\`nocanonify')dnl
FEATURE(\`accept_unresolvable_domains')dnl
FEATURE(\`no_default_msa')dnl
$(printf '%s\n' "$@")
MAILER(\`local')dnl
MAILER(\`smtp')dnl
MC
}

# sendmail_start HOST M4-LINE…   Listens on port 25.
sendmail_start() {
  local h=$1
  sendmail_configure "$@" "DAEMON_OPTIONS(\`Port=25, Name=MTA')dnl"
  on "$h" /usr/libexec/sendmail/sendmail -bd >/dev/null 2>&1
  wait_for 10 listening "$h" 25
}
