"""Walks with the official Python client over stdio, in both eras, then talks to the process by hand.

Takes MEMORANDA_BIN; each part has a data folder of its own. Exits 0, or says what differed.
"""

import asyncio
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile

from mcp import StdioServerParameters
from mcp.client import Client

import checks

BINARY = os.environ["MEMORANDA_BIN"]
# Generous: a loaded machine must not make this fail.
LONGEST_WAIT_SECONDS = 30
INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": {"name": "by-hand", "version": "1"},
    },
}
INITIALIZED = {"jsonrpc": "2.0", "method": "notifications/initialized"}


def call(id, name, /, **arguments):
    params = {"name": name, "arguments": arguments}
    return {"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params}


async def walk(mode):
    with tempfile.TemporaryDirectory() as data:
        server = StdioServerParameters(command=BINARY, args=["stdio", "--data", data])
        async with Client(server, mode=mode) as client:
            return await checks.walk(client, f"{mode} ({client.protocol_version})")


def start(data):
    return subprocess.Popen(
        [BINARY, "stdio", "--data", data],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def send(process, *messages):
    for message in messages:
        process.stdin.write(json.dumps(message).encode() + b"\n")
    process.stdin.flush()


def frames(output, found):
    """The JSON-RPC messages on standard output; anything else there is a difference."""
    messages = []
    for line in output.splitlines():
        try:
            message = json.loads(line)
            assert message["jsonrpc"] == "2.0"
            messages.append(message)
        except (ValueError, TypeError, KeyError, AssertionError):
            found.append(f"standard output carries something that is no frame: {line[:200]!r}")
    return messages


def is_closed(data, found, when):
    """A store that was closed has no write-ahead log left to replay."""
    left = [path.name for path in pathlib.Path(data).rglob("*-wal") if path.stat().st_size]
    found.unless(not left, f"{when}: the store was not closed", left)


def ends_at_end_of_input(found):
    with tempfile.TemporaryDirectory() as data:
        process = start(data)
        send(process, INITIALIZE, INITIALIZED, call(2, "remember", content="Tea is at four."), call(3, "whoami"))
        try:
            output, complaints = process.communicate(timeout=LONGEST_WAIT_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            found.append("end of input: the process goes on")
            return
        found.unless(process.returncode == 0, "end of input: exit code", [process.returncode, complaints.decode()])
        answered = sorted(message.get("id") for message in frames(output, found) if "id" in message)
        found.unless(answered == [1, 2, 3], "end of input: a call that was sent was not answered", answered)
        is_closed(data, found, "end of input")


def ends_at_sigterm(found):
    with tempfile.TemporaryDirectory() as data:
        process = start(data)
        send(process, INITIALIZE)
        first = process.stdout.readline()
        send(process, INITIALIZED, call(2, "remember", content="Tea is at four."))
        second = process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        try:
            rest, complaints = process.communicate(timeout=LONGEST_WAIT_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            found.append("SIGTERM: the process goes on")
            return
        # A negative code would be a process that the signal killed, not one that ended by itself.
        found.unless(process.returncode >= 0, "SIGTERM: exit code", [process.returncode, complaints.decode()])
        frames(first + second + rest, found)
        is_closed(data, found, "SIGTERM")


def survives_noise(found):
    """A line that is no JSON doesn't end the process, and puts nothing but frames on standard output."""
    with tempfile.TemporaryDirectory() as data:
        process = start(data)
        send(process, INITIALIZE, INITIALIZED)
        process.stdin.write(b"{this is no JSON\n\n")
        send(process, call(2, "whoami"))
        try:
            output, _ = process.communicate(timeout=LONGEST_WAIT_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            found.append("noise: the process goes on after end of input")
            return
        answered = [message.get("id") for message in frames(output, found)]
        found.unless(2 in answered, "noise: the call after it was not answered", answered)


def main():
    found = checks.Differences()
    for mode in ("auto", "legacy"):
        found += asyncio.run(walk(mode))
    ends_at_end_of_input(found)
    ends_at_sigterm(found)
    survives_noise(found)
    return checks.report(found)


sys.exit(main())
