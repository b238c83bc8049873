set -eu
version=$(pgbouncer --version | sed -n 's/^PgBouncer 1\.\([0-9]*\).*/\1/p')
if [ -n "$version" ] && [ "$version" -lt 23 ]; then
  echo "error: the image has PgBouncer 1.$version, which cuts its clients when its pod ends. Give the PgBouncer an image with 1.23 or newer." >&2
  exit 1
fi
umask 077
case $PGPASSWORD in *'
'*)
  echo "error: the password of the database has more than one line, which PgBouncer cannot read. Take the line break out of the Secret." >&2
  exit 1
esac
quoted() { printf '%s' "$1" | sed 's/"/""/g'; }
printf '"%s" "%s"\n' "$(quoted "$PGUSER")" "$(quoted "$PGPASSWORD")" >/run/pgbouncer/users.txt
unset PGPASSWORD
ulimit -n "$(ulimit -H -n)"
sum() { cksum /etc/cdk8s-django/pgbouncer-tls/tls.crt /etc/cdk8s-django/pgbouncer-tls/tls.key; }
before=$(sum) || true
(
  until (
    while sleep 30; do
      now=$(sum) || continue
      [ "$now" = "$before" ] || kill -HUP 1
      before=$now
    done
    exit 1
  ); do
    sleep 1 || true
  done
) &
exec pgbouncer /etc/cdk8s-django/pgbouncer/pgbouncer.ini
