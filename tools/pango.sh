#!/bin/sh
# Installs Debian's Pango, with which reports become PDFs, when it is missing and we may.
found() { .venv/bin/python -c 'import weasyprint' >/dev/null 2>&1; }
found && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "percorso: installing Debian's Pango for reports as PDF" >&2
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 >/dev/null && exit 0
fi
echo "percorso: Pango is missing, reports go out without PDF and their tests will be skipped. Install it: apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0" >&2
