"""Keeps Schemathesis from sawing off the branch it sits on.

It learns ids from answers and uses them in later requests. With its own key's id it would revoke or rotate
that key, with its own agent's id block itself, and find nothing but 401 and 403 from there on.
"""

import os

import schemathesis

OWN_KEY_ID = os.environ["MEMORANDA_API_KEY"].split("_")[1]
OWN_AGENT_ID = "walker"


@schemathesis.hook
def before_call(context, case, **kwargs):
    given = case.path_parameters or {}
    if given.get("key_id") == OWN_KEY_ID:
        given["key_id"] = "abcdefghijkl"
    if given.get("agent_id") == OWN_AGENT_ID:
        given["agent_id"] = "nobody"
