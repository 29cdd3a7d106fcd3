#!/bin/sh
# Installs Debian's PostgreSQL for the tests when it is missing and we may.
command -v initdb >/dev/null && exit 0
for initdb in /usr/lib/postgresql/*/bin/initdb; do [ -x "$initdb" ] && exit 0; done
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "percorso: installing Debian's PostgreSQL for the tests" >&2
    # Debian would start a cluster of its own; the tests start theirs.
    mkdir -p /etc/postgresql-common/createcluster.d
    echo "create_main_cluster = false" >/etc/postgresql-common/createcluster.d/percorso.conf
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq postgresql >/dev/null && exit 0
fi
echo "percorso: PostgreSQL is missing, the tests run on SQLite alone. Install it: apt-get install postgresql" >&2
