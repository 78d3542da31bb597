#!/usr/bin/env bash
# Two replicas on one PostgreSQL behind HAProxy, and a client that doesn't notice when one is killed.
#
#   examples/replicas/run.sh [SECONDS]      20 unless given
#
# It starts everything on loopback in a temporary folder, calls the balancer without a pause, kills one replica with
# SIGKILL after a third of the time, starts it again after another, and counts. Exit code 0 says that no call which may be
# repeated has failed, and that every memory which was answered for is there. On a Debian-like system it installs what is
# missing, if it may. What can be set:
#
#   MEMORANDA_BIN        the program (target/release/memoranda, target/debug/memoranda, or the one on the path)
#   REPLICAS_DATABASE    the URL of an empty database to use instead of starting PostgreSQL
#   REPLICAS_PORTS       ports of the balancer and of both replicas ("7430 7431 7432")
set -euo pipefail

seconds=${1:-20}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
read -r balancer_port a_port b_port <<<"${REPLICAS_PORTS:-7430 7431 7432}"
url=http://127.0.0.1:$balancer_port
PATH=$PATH:/usr/sbin

say() { echo "replicas: $*"; }
fail() { say "$*" >&2; exit 1; }

# --- what is needed -----------------------------------------------------------------------------------------------

needs() {
    command -v "$1" >/dev/null && return
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || fail "needs $1; install the package $2"
    say "installing $2"
    apt-get -qq update >/dev/null
    DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends "$2" >/dev/null
}

find_postgres() {
    local folder
    for folder in "$(dirname "$(command -v initdb || echo /nowhere/initdb)")" /usr/lib/postgresql/*/bin; do
        if [ -x "$folder/initdb" ]; then echo "$folder"; return; fi
    done
    return 1
}

find_program() {
    local program
    for program in "${MEMORANDA_BIN:-}" "$root/target/release/memoranda" "$root/target/debug/memoranda"; do
        if [ -n "$program" ] && [ -x "$program" ]; then echo "$program"; return; fi
    done
    command -v memoranda || fail "needs the program: cargo build --release"
}

program=$(find_program)
needs curl curl
needs haproxy haproxy

# --- where it runs, and how it ends -------------------------------------------------------------------------------

folder=$(mktemp -d)
chmod 755 "$folder"
declare -A running=()

end() {
    local name
    for name in "${!running[@]}"; do kill "${running[$name]}" 2>/dev/null || true; done
    if [ -n "${postgres:-}" ]; then
        "${as_postgres[@]}" "$postgres/pg_ctl" -D "$folder/db/data" -m immediate stop >/dev/null 2>&1 || true
    fi
    wait 2>/dev/null || true
    rm -rf "$folder"
}
trap end EXIT
trap 'exit 1' INT TERM

# Settings of this shell's own must not reach the replicas.
for name in $(compgen -e MEMORANDA_); do unset "$name"; done

# --- PostgreSQL ---------------------------------------------------------------------------------------------------

as_postgres=()
if [ -n "${REPLICAS_DATABASE:-}" ]; then
    database=$REPLICAS_DATABASE
else
    find_postgres >/dev/null || needs initdb postgresql || true
    postgres=$(find_postgres) || fail "needs initdb; install the package postgresql"
    mkdir "$folder/db"
    if [ "$(id -u)" = 0 ]; then
        # PostgreSQL refuses to run as root; this user owns nothing else.
        chown nobody "$folder/db"
        as_postgres=(setpriv --reuid=nobody --regid="$(id -g nobody)" --clear-groups)
    fi
    cd "$folder/db"
    "${as_postgres[@]}" "$postgres/initdb" -D "$folder/db/data" -U memoranda -A trust -E UTF8 --locale C >/dev/null
    "${as_postgres[@]}" "$postgres/pg_ctl" -D "$folder/db/data" -l "$folder/db/log" -w start \
        -o "-c listen_addresses='' -c unix_socket_directories='$folder/db'" >/dev/null
    database="postgres://memoranda@${folder//\//%2F}%2Fdb/postgres"
    cd - >/dev/null
    say "PostgreSQL runs"
fi
export MEMORANDA_DATABASE=$database HOME=$folder

key=$("$program" init --json | sed -n 's/.*"key": *"\([^"]*\)".*/\1/p')
[ -n "$key" ] || fail "the database isn't empty"
# Not as an argument: whoever lists the processes sees those.
printf 'header = "Authorization: Bearer %s"\nheader = "Content-Type: application/json"\n' "$key" >"$folder/curl"
chmod 600 "$folder/curl"

# --- two replicas and the balancer --------------------------------------------------------------------------------

start_replica() {
    "$program" serve --listen "127.0.0.1:$2" --public-url "$url" --trusted-proxies 127.0.0.1 --log warn \
        >>"$folder/$1.log" 2>&1 &
    running[$1]=$!
}

ready() {
    for _ in $(seq 300); do
        curl --silent --fail --output /dev/null --max-time 2 "$1/readyz" && return
        sleep 0.1
    done
    fail "nothing is ready at $1: $(tail -n 3 "$folder"/*.log)"
}

start_replica a "$a_port"
start_replica b "$b_port"
ready "http://127.0.0.1:$a_port"
ready "http://127.0.0.1:$b_port"
BALANCER=127.0.0.1:$balancer_port REPLICA_A=127.0.0.1:$a_port REPLICA_B=127.0.0.1:$b_port \
    haproxy -db -q -f "$here/haproxy.cfg" >"$folder/haproxy.log" 2>&1 &
running[haproxy]=$!
ready "$url"
say "replicas on $a_port and $b_port, balanced on $balancer_port"

# --- the client ---------------------------------------------------------------------------------------------------

requests=0 failures=0 retried=0 writes=0 unanswered=0
kept=()

# A call that may be repeated: at most five times, as any client should.
repeatable() {
    local attempt
    requests=$((requests + 1))
    for attempt in 1 2 3 4 5; do
        if curl --config "$folder/curl" --silent --fail --output "$folder/answer" --max-time 10 "$@"; then return; fi
        retried=$((retried + 1))
        sleep "0.$attempt"
    done
    failures=$((failures + 1))
}

# A call that may not: whether one that has no answer was carried out isn't known.
remember() {
    local id
    writes=$((writes + 1))
    if id=$(curl --config "$folder/curl" --silent --fail --max-time 10 "$url/v1/memories" \
        --data "{\"content\": \"Fact number $writes of the example.\"}" | grep -o 'mem_[0-9A-Z]*' | head -n 1); then
        kept+=("$id")
    else
        unanswered=$((unanswered + 1))
    fi
}

begun=$SECONDS is_killed=no is_back=no
while [ $((SECONDS - begun)) -lt "$seconds" ]; do
    repeatable "$url/v1/whoami"
    repeatable "$url/v1/recall" --data '{"query": "the number of the example"}'
    remember
    if [ $is_killed = no ] && [ $((SECONDS - begun)) -ge $((seconds / 3)) ]; then
        # Disowned, so that the shell says nothing of its end.
        disown "${running[a]}"
        kill -KILL "${running[a]}"
        is_killed=yes
        say "one replica is killed, after $requests requests"
    elif [ $is_back = no ] && [ $((SECONDS - begun)) -ge $((seconds * 2 / 3)) ]; then
        start_replica a "$a_port"
        ready "http://127.0.0.1:$a_port"
        is_back=yes
        say "it is started again, after $requests requests"
    fi
done

# --- what it saw --------------------------------------------------------------------------------------------------

lost=0
for id in "${kept[@]}"; do
    repeatable "$url/v1/memories/$id"
    grep -q "$id" "$folder/answer" || lost=$((lost + 1))
done
say "requests: $requests  failures: $failures  retried: $retried  writes: $writes  unanswered: $unanswered  lost: $lost"
[ "$is_back" = yes ] || fail "too little time to kill a replica and start it again"
[ "$failures" = 0 ] || fail "calls have failed that were repeated"
[ "$lost" = 0 ] || fail "memories that were answered for aren't there"
say "nobody noticed"
