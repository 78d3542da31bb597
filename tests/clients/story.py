"""A story: three agents and a person take one objective from vision to done, over MCP.

Ada begins and hands on, Bo goes on and is sent back once, Cy reviews; the person, with the owner's key, plans, settles
what contradicts and closes the objective. Each agent has a key of its own, and some speak the protocol's older era.

Takes MEMORANDA_URL_UNDER_TEST (with its path) and MEMORANDA_API_KEY, the owner's; exits 0, or says which step
differed.
"""

import asyncio
import json
import os
import sys
from contextlib import AsyncExitStack

import httpx2
from mcp.client import Client
from mcp.client.streamable_http import streamable_http_client

import checks

URL = os.environ["MEMORANDA_URL_UNDER_TEST"]
SCOPES = ["read", "write"]


class Differed(Exception):
    """A step answered otherwise; what comes after it would tell nothing."""


def expect(step, seen, wanted):
    """Of objects, what is wanted must be there and the rest may be anything; all else must be the same."""
    if not holds(seen, wanted):
        raise Differed(f"{step}: wanted {json.dumps(wanted)}; saw {json.dumps(seen, default=str)[:1500]}")


def holds(seen, wanted):
    if isinstance(wanted, dict):
        return isinstance(seen, dict) and all(holds(seen.get(name), value) for name, value in wanted.items())
    if isinstance(wanted, list):
        return isinstance(seen, list) and len(seen) == len(wanted) and all(map(holds, seen, wanted))
    return seen == wanted


class Person:
    """Somebody with a key and a connection of their own."""

    def __init__(self, name, client):
        self.name = name
        self.client = client

    async def does(self, tool, /, **arguments):
        result = await self.client.call_tool(tool, arguments)
        if result.is_error:
            raise Differed(f"{self.name} {tool}: refused with {json.dumps(result.structured_content)}")
        return result.structured_content

    async def may_not(self, code, tool, /, **arguments):
        """The refusal's details."""
        result = await self.client.call_tool(tool, arguments)
        step = f"{self.name} {tool} {list(arguments)}"
        error = result.structured_content
        expect(f"{step} is refused", result.is_error, True)
        expect(step, error, {"code": code})
        if not (error.get("message") and error.get("fix")):
            raise Differed(f"{step}: a refusal without message and fix: {json.dumps(error)}")
        return error.get("details", {})

    async def brief(self):
        read = await self.client.read_resource("memoranda://brief")
        return json.loads(read.contents[0].text)


class Story:
    def __init__(self, stack):
        self.stack = stack

    async def joins(self, name, key, mode):
        headers = {"Authorization": f"Bearer {key}"}
        http = await self.stack.enter_async_context(httpx2.AsyncClient(headers=headers, timeout=60))
        transport = streamable_http_client(URL, http_client=http)
        return Person(name, await self.stack.enter_async_context(Client(transport, mode=mode)))

    async def everybody(self):
        self.person = await self.joins("the person", os.environ["MEMORANDA_API_KEY"], "auto")
        expect("the person's role", await self.person.does("whoami"), {"role": "owner"})
        keys = {}
        for name in ("ada", "bo", "cy"):
            made = await self.person.does("key_create", title=name, role="editor", scopes=SCOPES, agent=name)
            expect("key_create", made, {"title": name, "role": "editor", "scopes": SCOPES, "agent": name})
            keys[name] = made["key"]
        self.ada = await self.joins("ada", keys["ada"], "auto")
        self.ada_again = await self.joins("ada, started again", keys["ada"], "legacy")
        self.bo = await self.joins("bo", keys["bo"], "legacy")
        self.cy = await self.joins("cy", keys["cy"], "auto")
        for agent in (self.ada, self.bo, self.cy):
            about = {"display_name": agent.name.title(), "type": "coder", "description": "Works at the harbour"}
            said = await agent.does("agent_register", **about)
            expect("agent_register", said, {"agent": {"id": agent.name, **about}})
        me = await self.ada.does("whoami")
        expect("whoami", me, {"agent": {"id": "ada"}, "role": "editor", "scopes": SCOPES, "tasks": None})

    async def plan(self):
        vision = await self.person.does("strategy_node_create", statement="No ship runs aground.", type="VISION")
        expect("the vision", vision, {"status": "ACTIVE"})
        objective = await self.person.does(
            "momental_strategy_create",
            statement="Tides are known to the minute.",
            nodeType="OBJECTIVE",
            parentId=vision["id"],
        )
        self.vision, self.objective = vision["id"], objective["id"]
        details = await self.person.may_not(
            "INVALID_ARGUMENT", "strategy_node_update", id=self.vision, parent_id=self.objective
        )
        expect("a vision below an objective", details, {"fields": [{"field": "parent_id"}]})

        boxes = "- [ ] ten days are measured\n- [ ] the readings are in a table"
        task = await self.person.does(
            "momental_task_create",
            statement="Measure the tide at the quay",
            parentId=self.objective,
            acceptanceCriteria=boxes,
        )
        expect("the first task", task, {"status": "PLANNED", "waits_for": None})
        self.measure = task["id"]
        task = await self.person.does(
            "task_create",
            statement="Publish the table of tides",
            parent_id=self.objective,
            acceptance_criteria=["the harbour master reads it"],
            priority="HIGH",
            depends_on=[self.measure],
        )
        expect("the second task", task, {"status": "PLANNED", "waits_for": [self.measure]})
        self.publish = task["id"]
        details = await self.person.may_not(
            "INVALID_ARGUMENT", "task_update", id=self.measure, depends_on=[self.publish]
        )
        expect("tasks that wait for each other", details, {"fields": [{"field": "depends_on"}]})

        tree = await self.cy.does("momental_strategy_tree")
        levels = [
            {"id": self.vision, "type": "VISION", "depth": 0, "status": "ACTIVE"},
            {"id": self.objective, "type": "OBJECTIVE", "depth": 1, "status": "ACTIVE", "parent_id": self.vision},
        ]
        counted = {"tasks": {"PLANNED": 2, "DONE": None}}
        expect("the tree", tree, {"nodes": [{**level, **counted} for level in levels], "tasks": []})

    async def ada_works_and_hands_on(self):
        me = await self.ada.does("whoami")
        why = ["nobody has it", "nothing that it needs is open", "another task waits for it"]
        expect("ada's suggestion", me, {"suggested": {"id": self.measure, "why": why}})
        details = await self.ada.may_not("CONFLICT", "work_begin", task_id=self.publish)
        expect("what needs an open task", details, {"needs": [self.measure]})

        begun = await self.ada.does("momental_work_begin", taskId=self.measure)
        criteria = [
            {"number": 1, "text": "ten days are measured", "met": False},
            {"number": 2, "text": "the readings are in a table", "met": False},
        ]
        wanted = {"status": "IN_PROGRESS", "acceptance_criteria": criteria, "last_checkpoint": None, "comments": []}
        expect("ada begins", begun, wanted)
        details = await self.bo.may_not("CONFLICT", "momental_work_begin", taskId=self.measure)
        expect("who comes second", details, {"held_by": {"agent": "ada"}, "until": begun["until"]})
        details = await self.bo.may_not("CONFLICT", "work_checkpoint", task_id=self.measure, summary="Mine now")
        expect("who holds no lease", details, {"held_by": {"agent": "ada"}})

        saved = await self.ada.does(
            "work_checkpoint",
            task_id=self.measure,
            summary="Four days are measured",
            next="Six days more",
            fence=begun["fence"],
        )
        expect("ada's checkpoint", saved, {"status": "IN_PROGRESS", "fence": begun["fence"], "unmet": [1, 2]})
        if saved["until"] < begun["until"]:
            raise Differed(f"a checkpoint shortens the lease: {saved}")

        again = await self.ada_again.does("work_begin", task_id=self.measure)
        left = {"content": "Four days are measured", "next": "Six days more", "author": {"agent": "ada"}}
        expect("ada, started again", again, {"status": "IN_PROGRESS", "last_checkpoint": left})
        if again["fence"] <= begun["fence"]:
            raise Differed(f"the fence doesn't grow: {begun['fence']}, then {again['fence']}")
        lost = {"task_id": self.measure, "fence": begun["fence"]}
        for tool, word in [
            ("work_checkpoint", {"summary": "Late"}),
            ("work_complete", {"summary": "Late"}),
            ("work_release", {"summary": "Late"}),
            ("work_blocked", {"reason": "Late"}),
        ]:
            details = await self.ada.may_not("CONFLICT", tool, **lost, **word)
            expect("under the old fence", details, {"held_by": {"agent": "ada"}, "until": again["until"]})
        said = await self.ada.does("comment_list", about_id=self.measure)
        kept = {"kind": "checkpoint", "content": "Four days are measured"}
        expect("what was refused is not kept", said, {"comments": [kept]})

        released = await self.ada_again.does(
            "work_release",
            task_id=self.measure,
            summary="Nine days are measured",
            next="Measure one day more at the east quay",
            to="bo",
            fence=again["fence"],
        )
        expect("ada hands on", released, {"status": "PLANNED", "until": None})
        details = await self.cy.may_not("CONFLICT", "work_begin", task_id=self.measure)
        expect("what is left for somebody else", details, {"assigned_to": {"agent": "bo"}})

    async def bo_goes_on(self):
        brief = await self.bo.brief()
        left = {
            "id": self.measure,
            "status": "PLANNED",
            "checkpoint": {
                "content": "Nine days are measured",
                "next_step": "Measure one day more at the east quay",
                "agent": "ada",
            },
        }
        why = ["it is assigned to you", "nothing that it needs is open", "another task waits for it"]
        expect("bo's brief", brief, {"agent": "bo", "tasks": [left], "suggested": {"id": self.measure, "why": why}})
        begun = await self.bo.does("momental_work_begin", taskId=self.measure)
        expect("bo begins", begun, {"last_checkpoint": {"content": "Nine days are measured"}})
        self.fence = begun["fence"]
        said = await self.bo.does("momental_comment_add", taskId=self.measure, comment="The east quay closes at noon.")
        expect("bo's remark", said, {"about_id": self.measure})
        busy = await self.bo.does("whoami")
        wanted = {"suggested": {"id": self.measure, "why": ["you have begun it", "another task waits for it"]}}
        expect("what bo goes on with", busy, {**wanted, "tasks": [{"until": begun["until"]}]})

    async def the_person_settles_a_conflict(self):
        older = await self.ada.does("remember", content="The tide gauge reports every 10 minutes.", type="fact")
        expect("nothing contradicts yet", older, {"conflicts": None})
        newer = await self.bo.does("remember", content="The tide gauge reports every 30 minutes.", type="fact")
        expect("bo is told", newer, {"conflicts": [{"kind": "CONTRADICTION", "with": older["id"]}]})
        conflict = newer["conflicts"][0]["id"]
        for author in (self.ada, self.bo):
            me = await author.does("whoami")
            expect(f"what waits for {author.name}", me, {"conflicts": [{"id": conflict, "status": "PENDING"}]})
        expect("cy wrote neither", await self.cy.does("whoami"), {"conflicts": None})

        waiting = await self.person.does("conflicts_list")
        sides = {
            "existing": {"id": older["id"], "author": {"agent": "ada"}},
            "newer": {"id": newer["id"], "author": {"agent": "bo"}},
        }
        expect("the list", waiting, {"conflicts": [{"id": conflict, **sides}], "count": 1})
        await self.person.may_not("INVALID_ARGUMENT", "conflict_resolve", id=conflict, resolution="MERGE")
        settled = await self.person.does(
            "momental_conflict_resolve", conflictId=conflict, resolution="KEEP_NEW", rationale="I read its manual."
        )
        expect("the decision", settled, {"status": "RESOLVED", "retired": [older["id"]], "changed": True})
        expect("nothing waits", await self.ada.does("whoami"), {"conflicts": None})
        expect("what is kept", await self.cy.does("memory_get", id=newer["id"]), {"status": "active"})
        expect("what is retired", await self.cy.does("memory_get", id=older["id"]), {"status": "superseded"})
        found = await self.cy.does("recall", query="how often does the tide gauge report")
        expect("what is recalled", [hit["id"] for hit in found["hits"]], [newer["id"]])

        await self.the_person_keeps_the_objective()
        await self.bo.does("link_add", id=newer["id"], type="supports", to=self.objective)
        tree = await self.person.does("strategy_tree", id=self.objective)
        speaks = {"id": newer["id"], "relation": "supports"}
        expect("what speaks for it", tree, {"nodes": [{"id": self.objective, "memories": [speaks]}]})

    async def the_person_keeps_the_objective(self):
        doubt = await self.bo.does("remember", content="Tides are not known to the minute.", type="fact")
        conflict = {"kind": "CONTRADICTION", "with": self.objective}
        expect("bo speaks against it", doubt, {"conflicts": [conflict], "against": [{"node": self.objective}]})
        waiting = await self.person.does("conflicts_list")
        node = {"id": self.objective, "statement": "Tides are known to the minute.", "status": "ACTIVE"}
        sides = {"existing": {"id": None, "node": node}, "newer": {"id": doubt["id"]}}
        expect("what waits", waiting, {"conflicts": [sides], "count": 1})
        settled = await self.person.does(
            "momental_conflict_resolve", conflictId=doubt["conflicts"][0]["id"], resolution="KEEP_EXISTING"
        )
        expect("it stays", settled, {"status": "RESOLVED", "retired": [doubt["id"]], "dropped": None})

    async def cy_reviews(self):
        done = await self.bo.does(
            "momental_work_complete",
            taskId=self.measure,
            summary="Ten days are measured",
            criteria_met=[1],
            fence=self.fence,
            testsPassed=True,
        )
        expect("bo completes", done, {"status": "IN_REVIEW", "until": None, "unmet": [2]})
        own = {"task_id": self.measure, "verdict": "approve", "criteria_met": [2]}
        details = await self.bo.may_not("CONFLICT", "work_review", **own)
        expect("bo's own, and not because of its status", details, {"status": None, "unmet": None})
        details = await self.cy.may_not("CONFLICT", "work_review", task_id=self.measure, verdict="approve")
        expect("a criterion is open", details, {"unmet": [2]})
        details = await self.cy.may_not("INVALID_ARGUMENT", "work_review", task_id=self.measure, verdict="send_back")
        expect("without a word", details, {"fields": [{"field": "comment"}]})
        details = await self.ada.may_not("CONFLICT", "work_begin", task_id=self.publish)
        expect("a review is no end", details, {"needs": [self.measure]})

        sent = await self.cy.does(
            "work_review", task_id=self.measure, verdict="send_back", comment="Where is the table?"
        )
        expect("cy sends it back", sent, {"status": "PLANNED", "unmet": [2]})
        brief = await self.bo.brief()
        missing = {"id": self.measure, "reason": "Where is the table?", "comment": {"kind": "rejection", "agent": "cy"}}
        expect("bo reads why", brief, {"tasks": [missing]})
        begun = await self.bo.does("work_begin", task_id=self.measure)
        expect("bo begins again", begun, {"reason": "Where is the table?"})
        done = await self.bo.does(
            "work_complete", task_id=self.measure, summary="With a table", criteria_met=[2], fence=begun["fence"]
        )
        expect("bo completes again", done, {"status": "IN_REVIEW", "unmet": []})
        approved = await self.cy.does("work_review", task_id=self.measure, verdict="approve", comment="Well done.")
        expect("cy approves", approved, {"status": "DONE", "unmet": []})
        details = await self.ada.may_not("CONFLICT", "work_begin", task_id=self.measure)
        expect("what is done", details, {"status": "DONE"})

    async def the_rest_is_done(self):
        ready = ["nobody has it", "nothing that it needs is open", "its priority is HIGH"]
        me = await self.ada.does("whoami")
        expect("ada's suggestion", me, {"tasks": None, "suggested": {"id": self.publish, "why": ready}})
        familiar = [*ready, "you have worked on what stands beside it"]
        brief = await self.bo.brief()
        expect("bo's suggestion", brief, {"tasks": None, "suggested": {"id": self.publish, "why": familiar}})

        begun = await self.ada.does("momental_work_begin", taskId=self.publish)
        expect("ada begins", begun, {"status": "IN_PROGRESS", "fence": 1})
        done = await self.ada.does("work_complete", task_id=self.publish, summary="It hangs at the quay")
        expect("ada completes", done, {"status": "IN_REVIEW", "unmet": [1]})
        approved = await self.person.does("work_review", task_id=self.publish, verdict="approve", criteria_met=[1])
        expect("the person approves", approved, {"status": "DONE", "unmet": []})
        expect("nothing is left", await self.cy.does("whoami"), {"tasks": None, "suggested": None})

        reached = await self.person.does("strategy_node_update", id=self.objective, status="ACHIEVED")
        expect("the objective", reached, {"status": "ACHIEVED", "changed": True})
        tree = await self.ada.does("strategy_tree")
        nodes = [{"id": self.vision, "status": "ACTIVE"}, {"id": self.objective, "status": "ACHIEVED"}]
        counted = {"tasks": {"PLANNED": None, "IN_REVIEW": None, "DONE": 2}}
        expect("the tree", tree, {"nodes": [{**node, **counted} for node in nodes]})

    async def the_trail_tells_it(self):
        # Each sees their own: what was done, and nothing of what was refused. An admin sees everyone's.
        own = await self.ada.does("my_activity", limit=100)
        did = [event["operation"] for event in reversed(own["events"])]
        worked = ["work_begin", "work_checkpoint", "work_begin", "work_release"]
        expect("what ada did", did, ["agent_register", *worked, "remember", "work_begin", "work_complete"])
        expect("whose it is", {event["agent"] for event in own["events"]} == {"ada"}, True)
        for others in ({"team": True}, {"agent": "bo"}):
            await self.ada.may_not("PERMISSION_DENIED", "my_activity", **others)

        person = (await self.person.does("whoami"))["agent"]["id"]
        about = await self.person.does("my_activity", team=True, object_id=self.measure, outcome="done", limit=100)
        told = [(event["agent"], event["operation"]) for event in reversed(about["events"])]
        wanted = [
            (person, "task_create"),
            ("ada", "work_begin"),
            ("ada", "work_checkpoint"),
            ("ada", "work_begin"),
            ("ada", "work_release"),
            ("bo", "work_begin"),
            ("bo", "comment_add"),
            ("bo", "work_complete"),
            ("cy", "work_review"),
            ("bo", "work_begin"),
            ("bo", "work_complete"),
            ("cy", "work_review"),
        ]
        expect("who did what on the first task", told, wanted)
        decided = await self.person.does("my_activity", operation="conflict_resolve", outcome="done")
        expect("who decided", decided, {"events": [{"agent": person}, {"agent": person}]})
        expect("the trail", await self.person.does("activity_verify"), {"is_intact": True, "first_break": None})


async def main():
    async with AsyncExitStack() as stack:
        story = Story(stack)
        try:
            await story.everybody()
            await story.plan()
            await story.ada_works_and_hands_on()
            await story.bo_goes_on()
            await story.the_person_settles_a_conflict()
            await story.cy_reviews()
            await story.the_rest_is_done()
            await story.the_trail_tells_it()
        except Differed as difference:
            return checks.report([difference])
    return 0


sys.exit(asyncio.run(main()))
