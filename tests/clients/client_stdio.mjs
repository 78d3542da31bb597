// Walks with the official TypeScript client over stdio, in both eras.
//
// Takes MEMORANDA_BIN; each era has a data folder of its own. Exits 0, or says what differed.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { load, main } from "./checks.mjs";

const { Client } = load("@modelcontextprotocol/client");
const { StdioClientTransport } = load("@modelcontextprotocol/client/stdio");
const folders = [];

const connect = (mode, version) => async () => {
  const data = mkdtempSync(join(tmpdir(), "memoranda-"));
  folders.push(data);
  const client = new Client({ name: "walker", version: "1" }, { versionNegotiation: { mode } });
  const args = ["stdio", "--data", data];
  await client.connect(new StdioClientTransport({ command: process.env.MEMORANDA_BIN, args }));
  const negotiated = client.getNegotiatedProtocolVersion();
  if (negotiated !== version) throw new Error(`negotiated ${negotiated}, not ${version}`);
  return client;
};

try {
  await main({ auto: connect("auto", "2026-07-28"), legacy: connect("legacy", "2025-11-25") });
} finally {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
}
