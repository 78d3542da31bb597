"""The walk of a program written for Memanto, with httpx: only the base URL and the key are ours.

Takes MEMORANDA_URL_UNDER_TEST (with the path of MCP, which is cut off) and MEMORANDA_API_KEY; exits 0, or
says what differed.
"""

import base64
import json
import os
import sys
from datetime import datetime, timedelta, timezone

import httpx

BASE = os.environ["MEMORANDA_URL_UNDER_TEST"].removesuffix("/mcp")
KEY = {"Authorization": f"Bearer {os.environ['MEMORANDA_API_KEY']}"}
AGENTS = f"{BASE}/api/v2/agents"
AGENT = f"{AGENTS}/my-agent"

differences = []


def check(step, is_right, answer):
    if not is_right:
        differences.append(f"{step}: {answer.status_code} {answer.text}")


def refused(step, answer, code):
    body = answer.json()
    is_right = answer.status_code == 401 and body["status"] == "error"
    check(step, is_right and body["error"]["code"] == code and body["error"]["message"], answer)


def claims(token):
    part = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def walk(client):
    answer = client.get(AGENTS, headers=KEY)
    check("list", answer.status_code == 200 and "agents" in answer.json(), answer)

    answer = client.post(AGENTS, headers=KEY, json={"agent_id": "my-agent"})
    check("create", answer.status_code == 201 and answer.json()["agent_id"] == "my-agent", answer)

    answer = client.post(f"{AGENT}/activate", headers=KEY)
    session = answer.json()
    check("activate", answer.status_code == 200 and session["agent_id"] == "my-agent", answer)
    token = session["session_token"]
    read = claims(token)
    until = datetime.fromisoformat(read["expires_at"].replace("Z", "+00:00"))
    left = until - datetime.now(timezone.utc)
    check("token", read["agent_id"] == "my-agent" and read["exp"] == int(until.timestamp()), answer)
    check("six hours", timedelta(hours=5, minutes=50) < left <= timedelta(hours=6), answer)
    both = {**KEY, "X-Session-Token": token}

    answer = client.post(f"{AGENT}/remember", headers=both, json={"content": "Hello", "type": "fact"})
    check("remember", answer.status_code == 200 and answer.json()["status"] == "stored", answer)
    query = {"content": "Hello again", "type": "fact"}
    answer = client.post(f"{AGENT}/remember", headers=both, params=query)
    check("remember by query", answer.status_code == 200 and answer.json()["memory_id"], answer)

    answer = client.get(f"{AGENT}/recall", headers=both, params={"query": "hello", "limit": 5})
    check("recall", answer.status_code == 200 and answer.json()["count"] == 2, answer)
    answer = client.post(f"{AGENT}/recall", headers=both, json={"query": "hello", "limit": 1})
    check("recall by body", answer.status_code == 200 and len(answer.json()["memories"]) == 1, answer)

    alone = {"X-Session-Token": token}
    answer = client.get(f"{BASE}/api/v2/session/current", headers=alone)
    check("current", answer.status_code == 200 and answer.json()["agent_id"] == "my-agent", answer)
    answer = client.post(f"{BASE}/api/v2/session/extend", headers=alone)
    longer = answer.json()
    is_longer = longer["session_token"] != token and longer["expires_at"] > session["expires_at"]
    check("extend", answer.status_code == 200 and is_longer, answer)

    answer = client.post(f"{AGENT}/deactivate", headers=KEY)
    check("deactivate", answer.status_code == 200, answer)
    body = {"content": "Hello"}
    answer = client.post(f"{AGENT}/remember", headers=both, json=body)
    refused("remember after the end", answer, "INVALID_SESSION_TOKEN")
    answer = client.post(f"{AGENT}/remember", headers=KEY, json=body)
    refused("remember without a token", answer, "MISSING_SESSION_TOKEN")
    answer = client.post(f"{AGENT}/remember", json=body)
    refused("remember without anything", answer, "MISSING_SESSION_TOKEN")
    wrong = {"Authorization": "Bearer wrong"}
    for step, answer in [
        ("list with a wrong key", client.get(AGENTS, headers=wrong)),
        ("remember with a wrong key", client.post(f"{AGENT}/remember", headers=wrong, json=body)),
    ]:
        refused(step, answer, "INVALID_API_KEY")


with httpx.Client(timeout=30) as client:
    walk(client)
print("\n".join(differences) or "as it should be")
sys.exit(bool(differences))
