#!/bin/sh
# The walk of a program written for Memanto, with curl: only the base URL and the key are ours.
#
# Takes MEMORANDA_URL_UNDER_TEST (with the path of MCP, which is cut off) and MEMORANDA_API_KEY; exits 0, or says
# what differed.
set -eu

B=${MEMORANDA_URL_UNDER_TEST%/mcp}
K="Authorization: Bearer $MEMORANDA_API_KEY"
A=$B/api/v2/agents
answer=$(mktemp)
trap 'rm -f "$answer"' EXIT

# step STATUS TEXT NAME CURL-ARGUMENTS…: what is asked must be answered with this status, and hold this text.
step() {
    status=$1 text=$2 name=$3
    shift 3
    got=$(curl --silent --show-error --max-time 30 --output "$answer" --write-out '%{http_code}' "$@")
    if [ "$got" != "$status" ] || ! grep -q -F -e "$text" "$answer"; then
        echo "$name: $got $(cat "$answer")"
        exit 1
    fi
}

field() {
    sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p" "$answer"
}

step 200 '"agents":[' list "$A" -H "$K"
step 201 '"agent_id":"my-agent"' create -X POST "$A" -H "$K" -H 'Content-Type: application/json' \
    -d '{"agent_id": "my-agent"}'
step 200 '"agent_id":"my-agent"' activate -X POST "$A/my-agent/activate" -H "$K"
T="X-Session-Token: $(field session_token)"
step 200 '"status":"stored"' remember -X POST "$A/my-agent/remember" -H "$K" -H "$T" \
    -H 'Content-Type: application/json' -d '{"content": "Hello", "type": "fact"}'
step 200 '"status":"stored"' 'remember by query' -X POST \
    "$A/my-agent/remember?content=Hello%20again&type=fact" -H "$K" -H "$T"
step 200 '"count":2' recall "$A/my-agent/recall?query=hello&limit=5" -H "$K" -H "$T"
step 200 '"agent_id":"my-agent"' current "$B/api/v2/session/current" -H "$T"
step 200 '"session_token":"' extend -X POST "$B/api/v2/session/extend" -H "$T"
step 200 '"ended_at":"' deactivate -X POST "$A/my-agent/deactivate" -H "$K"
step 401 '"code":"INVALID_SESSION_TOKEN"' 'remember after the end' -X POST "$A/my-agent/remember" -H "$K" \
    -H "$T" -H 'Content-Type: application/json' -d '{"content": "Hello"}'
step 401 '"code":"MISSING_SESSION_TOKEN"' 'remember without a token' -X POST "$A/my-agent/remember" -H "$K" \
    -H 'Content-Type: application/json' -d '{"content": "Hello"}'
step 401 '"code":"INVALID_API_KEY"' 'list with a wrong key' "$A" -H 'Authorization: Bearer wrong'
