#!/bin/bash
# The part of the official image's entrypoint that its users rely on: create the cluster once from the environment,
# run /docker-entrypoint-initdb.d once, then become the server. As root it hands over to the postgres user first.
set -Eeuo pipefail

PGDATA=${PGDATA:-/var/lib/postgresql/data}
export PGDATA

fail() { echo "docker-entrypoint: $*" >&2; exit 1; }

# VAR from the environment, or from the file that VAR_FILE names.
value_of() {
  local name=$1 file="${1}_FILE" default=${2:-}
  if [ -n "${!name:-}" ] && [ -n "${!file:-}" ]; then fail "$name and $file are both set; set one of them"; fi
  if [ -n "${!file:-}" ]; then cat "${!file}"; else printf %s "${!name:-$default}"; fi
}

if [ "${1:0:1}" = '-' ]; then set -- postgres "$@"; fi
if [ "$1" != postgres ]; then exec "$@"; fi

if [ "$(id -u)" = 0 ]; then
  mkdir -p "$PGDATA"
  chown -R postgres:postgres "$PGDATA" /var/run/postgresql
  exec setpriv --reuid=postgres --regid=postgres --init-groups "$0" "$@"
fi

mkdir -p "$PGDATA" 2>/dev/null || fail "$PGDATA cannot be made by uid $(id -u); give the volume to this user (fsGroup)"
chmod 0700 "$PGDATA" || true

if [ ! -s "$PGDATA/PG_VERSION" ]; then
  user=$(value_of POSTGRES_USER postgres)
  password=$(value_of POSTGRES_PASSWORD)
  database=$(value_of POSTGRES_DB "$user")
  method=${POSTGRES_HOST_AUTH_METHOD:-scram-sha-256}
  [ -n "$password" ] || [ "$method" = trust ] || fail 'POSTGRES_PASSWORD or POSTGRES_PASSWORD_FILE must be set to a non-empty value'

  # initdb wants a name for its uid; a pod may run under one that /etc/passwd does not know.
  if ! getent passwd "$(id -u)" >/dev/null; then
    wrapper=$(mktemp); group=$(mktemp)
    echo "postgres:x:$(id -u):$(id -g):PostgreSQL:$PGDATA:/bin/false" >"$wrapper"
    echo "postgres:x:$(id -g):" >"$group"
    export LD_PRELOAD=libnss_wrapper.so NSS_WRAPPER_PASSWD=$wrapper NSS_WRAPPER_GROUP=$group
  fi
  eval "initdb --username=\"\$user\" --pwfile=<(printf '%s\n' \"\$password\") ${POSTGRES_INITDB_ARGS:-}"
  unset LD_PRELOAD NSS_WRAPPER_PASSWD NSS_WRAPPER_GROUP
  printf '\nhost all all all %s\n' "$method" >>"$PGDATA/pg_hba.conf"

  # The server of the set-up answers on its socket only, so nobody sees a half-made one.
  pg_ctl --pgdata="$PGDATA" --options="-c listen_addresses=''" --wait --silent start
  sql=(psql --no-password --no-psqlrc --variable=ON_ERROR_STOP=1 --username="$user")
  if [ "$database" != postgres ]; then
    printf 'CREATE DATABASE :"db";\n' | PGPASSWORD=$password "${sql[@]}" --dbname=postgres --variable=db="$database"
  fi
  for file in /docker-entrypoint-initdb.d/*; do
    case "$file" in
      *.sql) echo "docker-entrypoint: running $file"; PGPASSWORD=$password "${sql[@]}" --dbname="$database" --file="$file" ;;
      *.sh) echo "docker-entrypoint: sourcing $file"; . "$file" ;;
      */\*) ;;
      *) echo "docker-entrypoint: ignoring $file" ;;
    esac
  done
  pg_ctl --pgdata="$PGDATA" --mode=fast --wait --silent stop
fi
exec "$@"
