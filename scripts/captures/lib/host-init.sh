# The first process of a host: makes its root and then only holds it. Runs inside the host's own namespaces.
# Usage: host-init.sh MOUNT-POINT FULL-NAME READY-FILE PACKAGE-ROOT…
set -euo pipefail
place=$1 full=$2 ready=$3
shift 3

mount --make-rprivate /
# The upper layer lives in memory: it must not lie below the lower one, and nothing of it should remain.
mount -t tmpfs -o mode=755 host "$place"
mkdir "$place/upper" "$place/work" "$place/root"
for packages in "$@"; do cp -a "$packages/." "$place/upper/"; done
mount -t overlay -o "lowerdir=/,upperdir=$place/upper,workdir=$place/work" host "$place/root"
root=$place/root
mount --rbind /dev "$root/dev"
mount -t proc proc "$root/proc"
mount -t tmpfs -o mode=755 run "$root/run"
mount -t tmpfs -o mode=1777 tmp "$root/tmp"

hostname "$full"
echo "$full" >"$root/etc/hostname"
echo "$full" >"$root/etc/mailname"
: >"$root/etc/resolv.conf"
cat >"$root/etc/hosts" <<HOSTS
127.0.0.1 localhost
192.0.2.10 client.example
198.51.100.25 mail.example mx.example
198.51.100.26 mail2.example
10.20.1.10 client.internal.example
10.20.2.25 mail.internal.example
2001:db8:1::10 client6.example
2001:db8:2::25 mail6.example
HOSTS
for user in postfix:901 dovecot:902 dovenull:903 vmail:904 Debian-exim:905 opensmtpd:906 opensmtpq:907; do
  echo "${user%:*}:x:${user#*:}:${user#*:}::/var/empty:/usr/sbin/nologin" >>"$root/etc/passwd"
  echo "${user%:*}:x:${user#*:}:" >>"$root/etc/group"
done
echo 'postdrop:x:908:' >>"$root/etc/group"
echo 'anna:x:1901:1901::/home/anna:/bin/sh' >>"$root/etc/passwd"
echo 'bert:x:1902:1902::/home/bert:/bin/sh' >>"$root/etc/passwd"
echo 'anna:x:1901:' >>"$root/etc/group"
echo 'bert:x:1902:' >>"$root/etc/group"
mkdir -p "$root/home/anna" "$root/home/bert" "$root/var/empty" "$root/var/log"
chown 1901:1901 "$root/home/anna"
chown 1902:1902 "$root/home/bert"

touch "$ready"
exec chroot "$root" sleep infinity
