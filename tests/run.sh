#!/bin/sh
# Runs the tests. Makes its own environment in .venv, and installs what they need: Python packages with pip, tshark and a
# few other tools with apt where they are missing and this user may install them.
#
#     sh tests/run.sh               the suite, without what takes long whoever asks for it
#     sh tests/run.sh --heavy       the rest: in browsers, in a later tshark, on a cluster, with minutes of traffic
#     sh tests/run.sh tests/lab     all of a folder or file
set -eu
cd "$(dirname "$0")/.."

missing=""
for pair in tshark:tshark dumpcap:tshark editcap:tshark luac5.2:lua5.2 luac5.4:lua5.4 tmux:tmux ip:iproute2 openssl:openssl tcpdump:tcpdump xxd:xxd fish:fish $([ $# = 0 ] || echo chromium:chromium); do
    command -v "${pair%%:*}" >/dev/null 2>&1 || missing="$missing ${pair##*:}"
done
if [ -n "$missing" ]; then
    packages=$(printf '%s\n' $missing | sort -u | tr '\n' ' ')
    if command -v apt-get >/dev/null 2>&1 && { [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null; }; then
        as_root=""
        [ "$(id -u)" = 0 ] || as_root="sudo"
        echo "installing $packages"
        $as_root apt-get update -qq
        echo "wireshark-common wireshark-common/install-setuid boolean false" | $as_root debconf-set-selections || true
        # shellcheck disable=SC2086
        DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends $packages >/dev/null
    else
        echo "The tests need these packages, which this user cannot install: $packages" >&2
        echo "Install them (on Debian or Ubuntu: sudo apt-get install $packages) and run this again." >&2
        exit 1
    fi
fi

# Where a distribution has Firefox in another shape, the report is tested in Chromium alone.
if [ $# != 0 ] && [ ! -x /usr/bin/firefox-esr ]; then
    firefox="apt-get install -y -qq --no-install-recommends firefox-esr"
    [ "$(id -u)" = 0 ] || firefox="sudo -n $firefox"
    DEBIAN_FRONTEND=noninteractive $firefox >/dev/null 2>&1 || echo "the report is not tested in Firefox: no firefox-esr" >&2
fi

[ -x .venv/bin/python ] || python3 -m venv .venv
.venv/bin/python -m pip install --quiet --editable '.[test]'
# A real Hadoop file system for tables in `hdfs://`.
[ $# = 0 ] || sh tests/tables/hadoop.sh >/dev/null || echo "tables are not tested on Hadoop" >&2
# The plugin's tests run on a later tshark too, where one can be had.
[ $# = 0 ] || sh tests/wireshark/later_tshark.sh >/dev/null || echo "the plugin's tests run on this system's tshark alone" >&2
# The tests start hundreds of commands: each finds the package compiled, whatever this machine says about writing it.
unset PYTHONDONTWRITEBYTECODE
export PYTHONPYCACHEPREFIX="$PWD/.venv/compiled"
# On all cores; a worker that has nothing left to do takes from the others. Say -n 0 to run in one process, for a debugger.
exec .venv/bin/python -m pytest --numprocesses auto --dist worksteal "$@"
