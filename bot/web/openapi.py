"""The OpenAPI 3.1 description of `/api/v1`; tests hold the running app to it."""

from __future__ import annotations

from typing import Any

from bot.web.problems import MEDIA_TYPE
from bot.web.security import CSRF_HEADER, SIGN_IN_COOKIE
from bot.web.turns import MAX_CHARACTERS

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
WHOLE: Schema = {"type": "integer"}
YES_NO: Schema = {"type": "boolean"}
MAYBE_TEXT: Schema = {"type": ["string", "null"]}
UUID: Schema = {"type": "string", "format": "uuid"}
TIME: Schema = {"type": "string", "format": "date-time", "description": "UTC, ISO 8601."}


def _object(description: str, optional: tuple[str, ...] = (), **properties: Schema) -> Schema:
    """Return the schema of an object that has these properties and no others."""
    return {
        "type": "object",
        "description": description,
        "properties": properties,
        "required": [name for name in properties if name not in optional],
        "additionalProperties": False,
    }


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _nullable(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


LEVEL: dict[str, Any] = {
    "value": {"type": "integer", "minimum": 0, "maximum": 100},
    "step": {"type": "integer", "minimum": 1, "maximum": 5},
    "word": {"enum": ["working against", "beginning", "mixed", "solid", "strong"]},
}

SCHEMAS: dict[str, Schema] = {
    "Problem": {
        "type": "object",
        "description": "What went wrong (RFC 9457). `type` ends in a stable name that programs may test.",
        "properties": {"type": TEXT, "title": TEXT, "status": WHOLE, "detail": TEXT},
        "required": ["type", "title", "status", "detail"],
    },
    "Scenario": _object(
        "Somebody to talk with.",
        id=TEXT,
        title=TEXT,
        level=TEXT,
        pathway=TEXT,
        card=TEXT,
        content_notice=_list(TEXT),
        before_you_start=MAYBE_TEXT,
        person=_object("Who they are.", name=TEXT, short_name=TEXT, age=WHOLE, pronouns=TEXT),
        objectives=_list(TEXT),
    ),
    "Session": _object(
        "One run of a scenario.",
        id=UUID,
        scenario=TEXT,
        title=TEXT,
        person=TEXT,
        is_paused=YES_NO,
        is_score_hidden=YES_NO,
        ended={"enum": ["good", "okay", "stalled", "rupture", "safety_pause", "stopped", None]},
        started_at=TIME,
        ended_at=_nullable(TIME),
        is_scored=YES_NO,
    ),
    "Message": _object(
        "One line of the talk, in stored order.",
        ("is_answered", "reply_to", "is_in_role"),
        id=TEXT,
        speaker={"enum": ["trainee", "peer"]},
        text=TEXT,
        turn={"type": ["integer", "null"]},
        sent_at=TIME,
        is_answered={**YES_NO, "description": "Of a trainee's message: whether the peer has answered it."},
        reply_to={**TEXT, "description": "Of a peer's line: the message that it answers."},
        is_in_role={**YES_NO, "description": "Of a peer's line: false when the neutral voice speaks."},
    ),
    "Level": _object("A score as people read it.", **LEVEL),
    "Criterion": _object(
        "A criterion of one reply.", id=TEXT, name=TEXT, hint=TEXT, is_expected=YES_NO, **LEVEL
    ),
    "Mark": _object(
        "Words in which something was seen. Offsets count Unicode code points, end exclusive.",
        number=WHOLE,
        start=WHOLE,
        end=WHOLE,
        name=TEXT,
        effect={"enum": ["helped", "neutral", "hindered"]},
    ),
    "Segment": _object(
        "A piece of the reply; the pieces together are the reply.",
        text=TEXT,
        mark={"type": ["integer", "null"]},
    ),
    "Feedback": _object(
        "One thing to read about a reply.",
        kind={"enum": ["worked", "try"]},
        text=TEXT,
        quote=MAYBE_TEXT,
        rewording=MAYBE_TEXT,
        rule={**MAYBE_TEXT, "description": "What the rubric asks for here."},
        why={**MAYBE_TEXT, "description": "What that is good for."},
        source={**MAYBE_TEXT, "description": "The training text behind it, with its principle."},
    ),
    "Assessment": _object(
        "What a reply did.",
        message_id=UUID,
        overall=_nullable(_ref("Level")),
        criteria=_list(_ref("Criterion")),
        segments=_list(_ref("Segment")),
        marks=_list(_ref("Mark")),
        general={**_list(TEXT), "description": "What was seen in the reply as a whole."},
        feedback=_list(_ref("Feedback")),
        rubric_version=TEXT,
    ),
    "State": _object(
        "A session with everything said in it.",
        ("neutral",),
        session=_ref("Session"),
        messages=_list(_ref("Message")),
        assessments={**_list(_ref("Assessment")), "description": "Empty while feedback is hidden."},
        is_waiting={**YES_NO, "description": "Whether the opening or an answer is still to come."},
        neutral={**_list(TEXT), "description": "What the neutral voice says to a pause or a resume."},
    ),
    "Exchange": _object(
        "A message with its answer.",
        message_id=UUID,
        turn=WHOLE,
        lines=_list(_ref("Message")),
        assessment=_nullable(_ref("Assessment")),
        session=_ref("Session"),
    ),
    "NewSession": _object(
        "What to begin.",
        ("id", "seed", "is_score_hidden"),
        scenario=TEXT,
        id={**UUID, "description": "Made by the client; the same id again gives the same session."},
        seed={"type": "integer", "minimum": 0, "maximum": 2**31 - 1},
        is_score_hidden=YES_NO,
    ),
    "NewMessage": _object(
        "What to say.",
        id={**UUID, "description": "Made by the client; the same id again gives the same answer."},
        text={"type": "string", "minLength": 1, "maxLength": MAX_CHARACTERS},
    ),
    "FeedbackChoice": _object(
        "Whether to hide feedback until the end.", ("is_score_hidden",), is_score_hidden=YES_NO
    ),
}

SESSION_ID = {"name": "session_id", "in": "path", "required": True, "schema": UUID}

MEANINGS = {
    401: "Signed out.",
    403: "The page's token is missing or stale.",
    404: "There is no such session, or it is somebody else's.",
    409: "The session is paused or has ended, or the id belongs to other words.",
    413: "The body is too large.",
    422: "Something in the body cannot be used.",
    502: "The peer cannot answer this message; sending it again does not help.",
    503: "The peer or the records cannot be reached; what was sent is kept, send the same again.",
}


def _json(schema: Schema) -> Schema:
    return {"application/json": {"schema": schema}}


def _operation(
    summary: str,
    operation_id: str,
    answer: Schema,
    problems: tuple[int, ...],
    *,
    status: int = 200,
    body: Schema | None = None,
    is_body_required: bool = True,
    is_write: bool = False,
) -> Schema:
    """Return the description of one method of one address."""
    responses: Schema = {str(status): {"description": "Done.", "content": _json(answer)}}
    for problem in problems:
        responses[str(problem)] = {
            "description": MEANINGS[problem],
            "content": {MEDIA_TYPE: {"schema": _ref("Problem")}},
        }
    operation: Schema = {"summary": summary, "operationId": operation_id, "responses": responses}
    if body is not None:
        operation["requestBody"] = {"required": is_body_required, "content": _json(body)}
    if is_write:
        operation["security"] = [{"cookie": [], "csrf": []}]
    return operation


def document() -> Schema:
    """Return the whole description, ready for JSON."""
    state, reads, writes = _ref("State"), (401, 404, 503), (401, 403, 404, 413, 422, 503)
    empty = {"type": "object"}

    def change(summary: str, name: str, *more: int, body: Schema = empty) -> Schema:
        return {
            "parameters": [SESSION_ID],
            "post": _operation(
                summary,
                name,
                state,
                tuple(sorted((*writes, *more))),
                body=body,
                is_body_required=False,
                is_write=True,
            ),
        }

    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Switchback",
            "version": "1",
            "description": "Practice sessions with simulated people, for the chat widget and for programs.",
        },
        "servers": [{"url": "/api/v1"}],
        "security": [{"cookie": []}],
        "paths": {
            "/openapi.json": {
                "get": {
                    **_operation("This document", "readDocument", {"type": "object"}, ()),
                    "security": [],
                }
            },
            "/scenarios": {
                "get": _operation(
                    "People to talk with",
                    "listScenarios",
                    _object("All of them, in the order of the list.", scenarios=_list(_ref("Scenario"))),
                    (401, 503),
                )
            },
            "/sessions": {
                "post": _operation(
                    "Begin a session",
                    "beginSession",
                    state,
                    writes,
                    status=201,
                    body=_ref("NewSession"),
                    is_write=True,
                )
            },
            "/sessions/{session_id}": {
                "parameters": [SESSION_ID],
                "get": _operation("Everything said so far", "readSession", state, reads),
            },
            "/sessions/{session_id}/messages": {
                "parameters": [SESSION_ID],
                "post": _operation(
                    "Say something",
                    "say",
                    _ref("Exchange"),
                    (401, 403, 404, 409, 413, 422, 502, 503),
                    body=_ref("NewMessage"),
                    is_write=True,
                ),
            },
            "/sessions/{session_id}/pause": change("Step out of the roleplay, at once", "pause", 409),
            "/sessions/{session_id}/resume": change("Go back into the roleplay", "resume", 409, 502),
            "/sessions/{session_id}/end": change("End the session", "end"),
            "/sessions/{session_id}/feedback": change(
                "Show or hide feedback until the end", "chooseFeedback", body=_ref("FeedbackChoice")
            ),
        },
        "components": {
            "schemas": SCHEMAS,
            "securitySchemes": {
                "cookie": {"type": "apiKey", "in": "cookie", "name": SIGN_IN_COOKIE},
                "csrf": {"type": "apiKey", "in": "header", "name": CSRF_HEADER},
            },
        },
    }
