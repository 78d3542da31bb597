"""Walks with the official Python client over HTTP, in both eras.

Takes MEMORANDA_URL_UNDER_TEST (with its path) and MEMORANDA_API_KEY; exits 0, or says what differed.
"""

import asyncio
import os
import sys

import httpx2
from mcp.client import Client
from mcp.client.streamable_http import streamable_http_client

import checks


async def main():
    url = os.environ["MEMORANDA_URL_UNDER_TEST"]
    headers = {"Authorization": f"Bearer {os.environ['MEMORANDA_API_KEY']}"}
    differences = []
    versions = []
    for mode in ("auto", "legacy"):
        async with httpx2.AsyncClient(headers=headers, timeout=30) as http:
            async with Client(streamable_http_client(url, http_client=http), mode=mode) as client:
                versions.append(client.protocol_version)
                differences += await checks.walk(client, f"{mode} ({client.protocol_version})")
    if versions != ["2026-07-28", "2025-11-25"]:
        differences.append(f"other protocol versions than expected: {versions}")
    return checks.report(differences)


sys.exit(asyncio.run(main()))
