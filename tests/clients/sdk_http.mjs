// Walks with the older official TypeScript package, which many clients still carry, over HTTP.
//
// Takes MEMORANDA_URL_UNDER_TEST (with its path) and MEMORANDA_API_KEY; exits 0, or says what differed.

import { load, main } from "./checks.mjs";

const { Client } = load("@modelcontextprotocol/sdk/client/index.js");
const { StreamableHTTPClientTransport } = load("@modelcontextprotocol/sdk/client/streamableHttp.js");
const url = new URL(process.env.MEMORANDA_URL_UNDER_TEST);
const requestInit = { headers: { Authorization: `Bearer ${process.env.MEMORANDA_API_KEY}` } };

await main({
  initialize: async () => {
    const client = new Client({ name: "walker", version: "1" });
    await client.connect(new StreamableHTTPClientTransport(url, { requestInit }));
    return client;
  },
});
