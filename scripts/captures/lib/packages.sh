# Mail software, downloaded and unpacked into roots of its own under $WORK, never installed: Debian's mail servers
# exclude one another. A root is fetched once; remove its folder to fetch it again.

declare -A ROOT_PACKAGES=(
  [postfix]='postfix'
  [exim]='exim4-daemon-light exim4-base exim4-config libidn12'
  [opensmtpd]='opensmtpd'
  [sendmail]='sendmail-bin sendmail-base sendmail-cf m4'
  [dovecot]='dovecot-core dovecot-lmtpd dovecot-submissiond libexttextcat-2.0-0 libexttextcat-data liblua5.4-0 libwrap0'
  [msmtp]='msmtp libgssglue1 libidn12 libntlm0 libgsasl18 libsecret-common libsecret-1-0'
  [sasl-modules]='libsasl2-modules'
  [swaks]='swaks libnet-ssleay-perl'
  [haproxy]='haproxy'
  [monitoring]='monitoring-plugins-basic'
  [unbound]='unbound'
  [imap]='dovecot-imapd'
  [spf]='postfix-policyd-spf-python'
  [dmarc]='opendmarc'
  [winbind]='winbind'
  [aiosmtpd]='python3-aiosmtpd python3-attr python3-public'
)

fetch_root() {
  local root=$WORK/roots/$1
  [ ! -e "$root/.complete" ] || return 0
  if [ "$1" = node-mail ]; then
    fetch_node_mail "$root"
    return
  fi
  say "fetching ${ROOT_PACKAGES[$1]}"
  rm -rf "$root" "$WORK/debs/$1"
  mkdir -p "$root" "$WORK/debs/$1"
  # The packages by name, and whatever they need that this machine does not have.
  local names
  # shellcheck disable=SC2086
  names=$(printf '%s\n' ${ROOT_PACKAGES[$1]} \
    $(apt-get -s --no-install-recommends install ${ROOT_PACKAGES[$1]} 2>/dev/null | awk '/^Inst/ { print $2 }') | sort -u)
  # shellcheck disable=SC2086
  (cd "$WORK/debs/$1" && apt-get -q -o APT::Sandbox::User=root download $names >/dev/null)
  local deb
  for deb in "$WORK/debs/$1"/*.deb; do dpkg -x "$deb" "$root"; done
  # Older packages hold /lib, /bin and /sbin as folders; on a merged /usr they would hide the links of that name.
  local folder
  for folder in lib bin sbin; do
    [ ! -d "$root/$folder" ] || { mkdir -p "$root/usr/$folder"; cp -a "$root/$folder/." "$root/usr/$folder/"; rm -r "${root:?}/$folder"; }
  done
  touch "$root/.complete"
}

# nodemailer and smtp-server, from the npm registry.
fetch_node_mail() {
  local root=$1
  rm -rf "$root"
  mkdir -p "$root/opt/node-mail"
  echo '{ "private": true, "dependencies": { "nodemailer": "7.0.13", "smtp-server": "3.21.6" } }' \
    >"$root/opt/node-mail/package.json"
  (cd "$root/opt/node-mail" && npm install --silent --no-audit --no-fund --ignore-scripts >/dev/null)
  touch "$root/.complete"
}

# A certificate for the servers, self-signed and made anew for this work folder: a secret of tests alone.
certificate() {
  [ -e "$WORK/tls/key.pem" ] || {
    mkdir -p "$WORK/tls"
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3650 \
      -subj '/CN=mail.example' -addext 'subjectAltName=DNS:mail.example,DNS:mail.internal.example,DNS:mx.example' \
      -keyout "$WORK/tls/key.pem" -out "$WORK/tls/cert.pem" 2>/dev/null
  }
  on_input "$1" sh -c 'cat > /etc/mail-cert.pem' <"$WORK/tls/cert.pem"
  on_input "$1" sh -c 'cat > /etc/mail-key.pem; chmod 600 /etc/mail-key.pem' <"$WORK/tls/key.pem"
}
