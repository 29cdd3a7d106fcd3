#!/bin/sh
# Installs Debian's Chromium for the browser tests when it is missing and we may.
command -v chromium >/dev/null && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "percorso: installing Debian's Chromium for the browser tests" >&2
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null && exit 0
fi
echo "percorso: Chromium is missing, the browser tests will be skipped. Install it: apt-get install chromium" >&2
