// Walks with the official TypeScript client over HTTP, in both eras.
//
// Takes MEMORANDA_URL_UNDER_TEST (with its path) and MEMORANDA_API_KEY; exits 0, or says what differed.

import { load, main } from "./checks.mjs";

const { Client, StreamableHTTPClientTransport } = load("@modelcontextprotocol/client");
const url = new URL(process.env.MEMORANDA_URL_UNDER_TEST);
const requestInit = { headers: { Authorization: `Bearer ${process.env.MEMORANDA_API_KEY}` } };

const connect = (mode, version) => async () => {
  const client = new Client({ name: "walker", version: "1" }, { versionNegotiation: { mode } });
  await client.connect(new StreamableHTTPClientTransport(url, { requestInit }));
  const negotiated = client.getNegotiatedProtocolVersion();
  if (negotiated !== version) throw new Error(`negotiated ${negotiated}, not ${version}`);
  return client;
};

await main({ auto: connect("auto", "2026-07-28"), legacy: connect("legacy", "2025-11-25") });
