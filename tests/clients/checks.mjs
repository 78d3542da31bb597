// The walk that every TypeScript client takes: through the tools an agent uses first, a resource and a prompt.
//
// `walk` takes a connected official client and returns what differed from the contract, in words. The client itself
// checks each result against the protocol, and each tool's structured content against that tool's output schema.

import { randomBytes } from "node:crypto";
import { createRequire } from "node:module";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";

const TOOLS = [
  "agent_register",
  "forget",
  "memory_get",
  "memory_update",
  "my_activity",
  "recall",
  "remember",
  "whoami",
];
// Made up here; the server must refuse it by the argument's name, and never repeat it.
const SECRET = `correct-horse-${randomBytes(8).toString("hex")}`;

/** The packages are not beside this file but in the folder that .ci/tools.sh filled. */
export const load = createRequire(join(process.env.MEMORANDA_TOOLS, "package.json"));

class Differences extends Array {
  unless(holds, what, seen) {
    if (!holds) this.push(seen === undefined ? what : `${what}; saw ${JSON.stringify(seen).slice(0, 600)}`);
  }
}

export async function walk(client, era) {
  const found = new Differences();
  await lists(client, found);

  const call = async (name, args = {}) => {
    const result = await client.callTool({ name, arguments: args });
    const text = result.content[0]?.text ?? "";
    found.unless(!result.isError, `${name} failed`, text);
    const held = result.structuredContent;
    found.unless(held, `${name} has no structured content`);
    found.unless(text && isDeepStrictEqual(JSON.parse(text), held), `${name}: the text is not the structured content`);
    return held ?? {};
  };
  await memories(call, found);
  await refusals(client, found);

  const brief = await client.readResource({ uri: "memoranda://brief" });
  found.unless(brief.contents[0]?.text.trim(), "memoranda://brief is empty");
  const prompt = await client.getPrompt({ name: "session_start" });
  found.unless(prompt.messages.length, "the prompt session_start has no messages");
  return found.map((difference) => `${era}: ${difference}`);
}

async function lists(client, found) {
  const tools = new Map((await client.listTools()).tools.map((tool) => [tool.name, tool]));
  const missing = TOOLS.filter((name) => !tools.has(name));
  found.unless(missing.length === 0, "tools are missing", missing);
  for (const [name, tool] of tools) {
    found.unless(tool.outputSchema, `${name} has no output schema`);
    for (const hint of ["readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint"]) {
      found.unless(typeof tool.annotations?.[hint] === "boolean", `${name} lacks ${hint}`);
    }
  }
  const resources = (await client.listResources()).resources.map((resource) => resource.uri);
  found.unless(resources.includes("memoranda://brief"), "memoranda://brief is not listed", resources);
  await client.listResourceTemplates();
  const prompts = (await client.listPrompts()).prompts.map((prompt) => prompt.name);
  found.unless(prompts.includes("session_start"), "session_start is not listed", prompts);
}

async function memories(call, found) {
  const mark = `walk${randomBytes(6).toString("hex")}`;
  const me = await call("whoami");
  found.unless(me.team, "whoami names no team", me);
  const agent = { display_name: "Walker", type: "test", description: "Walks through the tools" };
  const { agent: said = {} } = await call("agent_register", agent);
  const isSo = Object.entries(agent).every(([field, value]) => said[field] === value);
  found.unless(isSo, "agent_register answers otherwise", said);

  const kept = await call("remember", { content: `The ${mark} harbour opens at seven.`, type: "fact", tags: ["walk"] });
  const id = kept.id ?? "";
  found.unless(id.startsWith("mem_"), "remember answers no memory id", kept);
  found.unless(kept.type === "fact" && kept.version === 1, "remember answers otherwise", kept);
  const items = [{ content: `The ${mark} baker is called Ada.` }, { content: `The ${mark} bridge is closed.` }];
  const batch = await call("remember", { items });
  found.unless(batch.items?.length === 2, "a batch of two answers otherwise", batch);

  const recalled = await call("recall", { query: `when does the ${mark} harbour open`, limit: 5 });
  const hits = recalled.hits ?? [];
  found.unless(hits.some((hit) => hit.id === id), "recall doesn't find what was remembered", recalled);
  found.unless(hits.length <= 5 && recalled.count === hits.length, "recall miscounts", recalled);

  const changed = await call("memory_update", { id, content: `The ${mark} harbour opens at eight.` });
  found.unless(changed.version === 2, "memory_update makes no second version", changed);
  const read = await call("memory_get", { id });
  found.unless(read.content === `The ${mark} harbour opens at eight.`, "memory_get answers otherwise", read);

  const gone = await call("forget", { id });
  found.unless(gone.status === "forgotten", "forget answers otherwise", gone);
  const after = await call("recall", { query: `${mark} harbour` });
  found.unless(!after.hits?.some((hit) => hit.id === id), "recall finds a forgotten memory");
  const trail = await call("my_activity");
  const done = (trail.events ?? []).map((event) => event.operation);
  const isShown = ["remember", "memory_update", "forget"].every((operation) => done.includes(operation));
  found.unless(isShown, "my_activity doesn't show what was done", trail);
}

async function refusals(client, found) {
  const refused = async (code, name, args) => {
    const result = await client.callTool({ name, arguments: args });
    const error = result.structuredContent ?? {};
    const said = result.content[0]?.text ?? "";
    found.unless(result.isError, `${name} ${Object.keys(args)} is not refused`, said);
    found.unless(error.code === code, `${name} ${Object.keys(args)} is not refused as ${code}`, error);
    found.unless(error.message && error.fix, `${code} has no message and fix`, error);
    return [error, said];
  };
  const [error] = await refused("INVALID_ARGUMENT", "recall", { query: "harbour", limit: 0 });
  found.unless(JSON.stringify(error.details)?.includes("limit"), "the refusal doesn't name `limit`", error);
  const [, said] = await refused("SECRET_ARGUMENT", "recall", { query: "harbour", api_key: SECRET });
  found.unless(said.includes("api_key") && !said.includes(SECRET), "the refusal of a secret says otherwise", said);
}

/** Runs a walk for each of the named connections, and ends the process with what differed. */
export async function main(connections) {
  const differences = [];
  for (const [era, connect] of Object.entries(connections)) {
    const client = await connect();
    try {
      differences.push(...(await walk(client, era)));
    } finally {
      await client.close();
    }
  }
  for (const difference of differences) console.error(difference);
  process.exitCode = differences.length ? 1 : 0;
}
