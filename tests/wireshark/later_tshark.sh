#!/bin/sh
# Makes a small Debian of the newest suite beside this one, with its tshark, for the tests of the plugin:
#
#     sh tests/wireshark/later_tshark.sh
#
# Done once: it stays in ~/.cache/ccxdissect (delete that folder for a newer one). Needs root, debootstrap (which it
# installs where there is apt-get) and a Debian mirror: the one that DEBIAN_MIRROR names, else Debian's own. Prints the
# command that runs it: `tshark` in a folder of its own, run as an ordinary user whoever calls it, with the folder of
# temporary files and this project at the same places as outside.
set -eu
cache=${XDG_CACHE_HOME:-$HOME/.cache}/ccxdissect/later
project=$(cd "$(dirname "$0")/../.." && pwd)
mirror=${DEBIAN_MIRROR:-http://deb.debian.org/debian}

write_command() {
    mkdir -p "$cache/bin"
    cat > "$cache/bin/tshark" <<COMMAND
#!/bin/sh
# Mounts are this process's own and end with it; the user is nobody in particular, but may read what the caller may.
exec unshare --mount sh -eu -c '
    root=\$1 project=\$2 temporary=\${TMPDIR:-/tmp}
    shift 2
    for folder in "\$temporary" "\$project"; do
        mkdir -p "\$root\$folder"
        mount --bind "\$folder" "\$root\$folder"
    done
    mount --bind /dev/null "\$root/dev/null"
    exec unshare --user --map-user=1000 --map-group=1000 --root="\$root" --wd="\$PWD" \
        env PATH=/usr/bin:/bin tshark "\$@"
' tshark "$cache/root" "\${CCXDISSECT_PROJECT:-$project}" "\$@"
COMMAND
    chmod +x "$cache/bin/tshark"
}

works() { (cd /tmp && CCXDISSECT_PROJECT=$project "$cache/bin/tshark" --version >/dev/null 2>&1); }

if [ -x "$cache/bin/tshark" ] && works; then
    echo "$cache/bin/tshark"
    exit 0
fi
if [ "$(id -u)" = 0 ] && ! command -v debootstrap >/dev/null && command -v apt-get >/dev/null; then
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends debootstrap >&2 || true
fi
if [ "$(id -u)" != 0 ] || ! command -v debootstrap >/dev/null || ! command -v unshare >/dev/null; then
    echo "no later tshark: that takes root, debootstrap and unshare" >&2
    exit 1
fi
for suite in sid testing; do
    rm -rf "$cache"
    mkdir -p "$cache"
    echo "making a Debian $suite with its tshark in $cache; this takes a minute or two" >&2
    if debootstrap --variant=minbase "$suite" "$cache/root" "$mirror" >"$cache/log" 2>&1 &&
        DEBIAN_FRONTEND=noninteractive chroot "$cache/root" \
            apt-get install -y -qq --no-install-recommends tshark >>"$cache/log" 2>&1; then
        rm -rf "$cache"/root/var/cache/apt/archives/*.deb "$cache"/root/var/lib/apt/lists/*
        write_command
        if works; then
            echo "$cache/bin/tshark"
            exit 0
        fi
    fi
done
if grep -q "Failed getting release file" "$cache/log"; then
    echo "no later tshark: $mirror cannot be reached, or is no mirror of Debian; name another as DEBIAN_MIRROR" >&2
else
    echo "no later tshark: see $cache/log" >&2
fi
exit 1
