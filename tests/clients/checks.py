"""The walk that every Python client takes: through the tools an agent uses first, a resource and a prompt.

`walk` takes a connected official client and returns what differed from the contract, in words. The client itself checks
each result against the protocol, and each tool's structured content against that tool's output schema.
"""

import asyncio
import json
import secrets
import sys

TOOLS = [
    "agent_register",
    "forget",
    "memory_get",
    "memory_update",
    "my_activity",
    "recall",
    "remember",
    "whoami",
]
# Generous: a machine under load is no failure.
LONGEST_WAIT_SECONDS = 60
# Made up here; the server must refuse it by the argument's name, and never repeat it.
SECRET = "correct-horse-" + secrets.token_hex(8)


class Differences(list):
    """What differed so far."""

    def unless(self, holds, what, seen=None):
        if not holds:
            self.append(what if seen is None else f"{what}; saw {json.dumps(seen, default=str)[:600]}")
        return bool(holds)


async def walk(client, era):
    found = Differences()
    await lists(client, found)

    async def call(name, /, **arguments):
        result = await client.call_tool(name, arguments)
        text = result.content[0].text if result.content else ""
        found.unless(not result.is_error, f"{name} failed", text)
        held = result.structured_content
        found.unless(held is not None, f"{name} has no structured content")
        found.unless(text and json.loads(text) == held, f"{name}: the text is not the structured content")
        return held or {}

    await memories(call, found)
    await foreign(call, found)
    await refusals(client, found)

    if client.protocol_version >= "2026-07-28":
        await listening(client, call, found)
    brief = await client.read_resource("memoranda://brief")
    found.unless(brief.contents and brief.contents[0].text.strip(), "memoranda://brief is empty")
    prompt = await client.get_prompt("session_start")
    found.unless(prompt.messages, "the prompt session_start has no messages")
    return [f"{era}: {difference}" for difference in found]


async def lists(client, found):
    tools = {tool.name: tool for tool in (await client.list_tools()).tools}
    missing = [name for name in TOOLS if name not in tools]
    found.unless(not missing, "tools are missing", missing)
    for name, tool in tools.items():
        found.unless(tool.output_schema, f"{name} has no output schema")
        hints = tool.annotations.model_dump() if tool.annotations else {}
        for hint in ("read_only_hint", "destructive_hint", "idempotent_hint", "open_world_hint"):
            found.unless(hints.get(hint) is not None, f"{name} lacks {hint}")
    resources = [str(resource.uri) for resource in (await client.list_resources()).resources]
    found.unless("memoranda://brief" in resources, "memoranda://brief is not listed", resources)
    await client.list_resource_templates()
    prompts = [prompt.name for prompt in (await client.list_prompts()).prompts]
    found.unless("session_start" in prompts, "session_start is not listed", prompts)


async def listening(client, call, found):
    """A stream of what changes: acknowledged for what there is, told of what is remembered, and hung up."""
    uri = "memoranda://brief"
    asked = [uri, "memoranda://nothing"]
    async with client.listen(tools_list_changed=True, resource_subscriptions=asked) as stream:
        honored = stream.honored.resource_subscriptions
        found.unless(honored == [uri], "listen is acknowledged for other resources", honored)
        mark = "heard" + secrets.token_hex(6)
        kept = await call("remember", content=f"The {mark} bell rings at noon.")
        heard = await asyncio.wait_for(anext(stream), LONGEST_WAIT_SECONDS)
        found.unless(getattr(heard, "uri", None) == uri, "what is remembered is heard otherwise", repr(heard))
    await call("forget", id=kept.get("id", ""))


async def memories(call, found):
    mark = "walk" + secrets.token_hex(6)
    me = await call("whoami")
    found.unless(me.get("team"), "whoami names no team", me)
    agent = {"display_name": "Walker", "type": "test", "description": "Walks through the tools"}
    said = (await call("agent_register", **agent)).get("agent", {})
    found.unless(agent.items() <= said.items(), "agent_register answers otherwise", said)

    kept = await call("remember", content=f"The {mark} harbour opens at seven.", type="fact", tags=["walk"])
    id = kept.get("id", "")
    found.unless(id.startswith("mem_"), "remember answers no memory id", kept)
    found.unless(kept.get("type") == "fact" and kept.get("version") == 1, "remember answers otherwise", kept)
    batch = await call(
        "remember",
        items=[{"content": f"The {mark} baker is called Ada."}, {"content": f"The {mark} bridge is closed."}],
    )
    found.unless(len(batch.get("items", [])) == 2, "a batch of two answers otherwise", batch)

    recalled = await call("recall", query=f"when does the {mark} harbour open", limit=5)
    hits = recalled.get("hits", [])
    found.unless(id in [hit.get("id") for hit in hits], "recall doesn't find what was remembered", recalled)
    found.unless(len(hits) <= 5 and recalled.get("count") == len(hits), "recall miscounts", recalled)

    changed = await call("memory_update", id=id, content=f"The {mark} harbour opens at eight.")
    found.unless(changed.get("version") == 2, "memory_update makes no second version", changed)
    read = await call("memory_get", id=id)
    found.unless(read.get("content") == f"The {mark} harbour opens at eight.", "memory_get answers otherwise", read)

    gone = await call("forget", id=id)
    found.unless(gone.get("status") == "forgotten", "forget answers otherwise", gone)
    after = await call("recall", query=f"{mark} harbour")
    found.unless(id not in [hit.get("id") for hit in after.get("hits", [])], "recall finds a forgotten memory")
    trail = await call("my_activity")
    done = [event.get("operation") for event in trail.get("events", [])]
    found.unless({"remember", "memory_update", "forget"} <= set(done), "my_activity doesn't show what was done", trail)


async def foreign(call, found):
    """Names and spellings that agents know from elsewhere, as those products' documents show them."""
    mark = "known" + secrets.token_hex(6)
    said = (await call("momental_agent_register", name="Walker")).get("agent", {})
    found.unless(said.get("display_name") == "Walker", "momental_agent_register answers otherwise", said)
    kept = await call(
        "momental_node_create",
        statement=f"The {mark} ferry leaves at nine.",
        nodeType="DECISION",
        status="ACTIVE",
    )
    found.unless(kept.get("type") == "decision", "momental_node_create answers otherwise", kept)
    sought = await call("momental_node_search", query=f"{mark} ferry", nodeType="DECISION")
    ids = [hit.get("id") for hit in sought.get("hits", [])]
    found.unless(kept.get("id") in ids, "momental_node_search doesn't find it", sought)
    batch = await call("batch_remember", memories=[{"content": f"The {mark} captain is called Bo."}])
    found.unless(len(batch.get("items", [])) == 1, "batch_remember answers otherwise", batch)
    recent = await call("recall_recent", limit=2, type=["decision"])
    ids = [hit.get("id") for hit in recent.get("hits", [])]
    found.unless(kept.get("id") in ids, "recall_recent doesn't find it", recent)

    epic = await call("momental_strategy_create", statement=f"The {mark} fleet", nodeType="EPIC")
    boxes = "- [ ] it floats\n- [ ] it is painted"
    task = await call(
        "momental_task_create", statement=f"Build the {mark} boat", parentId=epic.get("id"), acceptanceCriteria=boxes
    )
    begun = await call("momental_work_begin", taskId=task.get("id"))
    criteria = [one.get("text") for one in begun.get("acceptance_criteria", [])]
    found.unless(criteria == ["it floats", "it is painted"], "momental_task_create keeps otherwise", begun)
    found.unless(begun.get("status") == "IN_PROGRESS", "momental_work_begin answers otherwise", begun)
    await call("momental_task_checkpoint", taskId=task.get("id"), summary="The hull is done")
    ended = await call("momental_work_complete", taskId=task.get("id"), summary="It sails", testsPassed=True)
    found.unless(ended.get("status") == "IN_REVIEW", "momental_work_complete answers otherwise", ended)


async def refusals(client, found):
    async def refused(code, name, arguments):
        result = await client.call_tool(name, arguments)
        error = result.structured_content or {}
        said = result.content[0].text if result.content else ""
        found.unless(result.is_error, f"{name} {list(arguments)} is not refused", said)
        found.unless(error.get("code") == code, f"{name} {list(arguments)} is not refused as {code}", error)
        found.unless(error.get("message") and error.get("fix"), f"{code} has no message and fix", error)
        return error, said

    error, _ = await refused("INVALID_ARGUMENT", "recall", {"query": "harbour", "limit": 0})
    found.unless("limit" in json.dumps(error.get("details")), "the refusal doesn't name `limit`", error)
    _, said = await refused("SECRET_ARGUMENT", "recall", {"query": "harbour", "api_key": SECRET})
    found.unless("api_key" in said and SECRET not in said, "the refusal of a secret says otherwise", said)


def report(differences):
    """Prints what differed; the exit code."""
    for difference in differences:
        print(difference, file=sys.stderr)
    return 1 if differences else 0
