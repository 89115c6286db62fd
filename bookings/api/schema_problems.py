"""Problems in the OpenAPI document: one component for each code, with its facts."""

from __future__ import annotations

from typing import Any

from bookings.api.problems import CODES
from scheduler.violations import Rule

_NUMBER = {"type": "integer"}
_TEXT = {"type": "string"}
_TIME = {"type": "string", "format": "date-time"}
_ID = {"type": "string", "format": "uuid"}
_VIOLATION = {
    "type": "object",
    "required": ["rule", "sessions", "required", "actual", "detail"],
    "properties": {
        "rule": {"type": "string", "enum": [rule.value for rule in Rule]},
        "sessions": {"type": "array", "items": _NUMBER, "description": "Numbers of the sessions concerned."},
        "required": {"type": ["integer", "string", "null"]},
        "actual": {"type": ["integer", "string", "null"]},
        "detail": {"type": "string", "description": "A sentence for a person."},
    },
}
_VIOLATIONS = {"type": "array", "items": {"$ref": "#/components/schemas/Violation"}}
_PLAN = {"$ref": "#/components/schemas/Plan"}
_PLACES = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["number", "start"],
        "properties": {"number": _NUMBER, "start": _TIME},
    },
}
_OVERRIDE = {
    "type": "object",
    "description": "Who could break these rules, with a reason.",
    "properties": {
        "needs": {"type": "string", "enum": ["prescriber", "staff", "nobody"]},
        "rules": {"type": "array", "items": _TEXT},
    },
}
_ERRORS = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["field", "detail"],
        "properties": {
            "field": {
                "type": "string",
                "description": "Such as `sessions.0.start`; empty for the body as a whole.",
            },
            "detail": _TEXT,
        },
    },
}
_RELAXATIONS = {
    "type": "array",
    "description": "The cheapest changes of one rule under which a plan exists.",
    "items": {
        "type": "object",
        "required": ["rule", "change", "plan"],
        "properties": {"rule": _TEXT, "change": _TEXT, "plan": _PLAN},
    },
}

#: code → its facts beyond the members that every problem has; the ones in the second place may be left out.
_FACTS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "invalid": ({"errors": _ERRORS}, {}),
    "taken": (
        {"sessions": _PLACES, "alternatives": {"type": "array", "items": _PLAN}},
        {"violations": _VIOLATIONS, "override": _OVERRIDE},
    ),
    "spacing": ({"violations": _VIOLATIONS}, {"override": _OVERRIDE}),
    "not-offered": ({"violations": _VIOLATIONS}, {"override": _OVERRIDE}),
    "unplannable": ({"session": _NUMBER, "violations": _VIOLATIONS, "relaxations": _RELAXATIONS}, {}),
    "wrong-state": (
        {
            "state": {"type": "string", "description": "The status of the session or series now."},
            "allowed": {"type": "array", "items": _TEXT, "description": "Verbs that are possible now."},
        },
        {},
    ),
    "not-together": (
        {
            "series": {
                "type": "array",
                "description": "Those that cannot be, each with its reason.",
                "items": {
                    "type": "object",
                    "required": ["series", "detail", "violations", "depends_on"],
                    "properties": {
                        "series": _ID,
                        "detail": _TEXT,
                        "violations": _VIOLATIONS,
                        "depends_on": {
                            "type": "array",
                            "items": _ID,
                            "description": "Series with any one of which it would be possible.",
                        },
                    },
                },
            },
            "possible": {"type": "array", "items": _ID, "description": "What could be without them."},
        },
        {},
    ),
    "stale": ({}, {"version": _NUMBER}),
    "busy": ({}, {"retry_after": _NUMBER}),
}


def component_of(code: str) -> str:
    """The name of the component that shows problems of this code."""
    return "Problem" + "".join(word.capitalize() for word in code.split("-"))


def add_problems(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """A postprocessing hook of drf-spectacular: put the components of all problems into the document."""
    schemas = result.setdefault("components", {}).setdefault("schemas", {})
    schemas["Violation"] = _VIOLATION
    for code in CODES:
        schemas[component_of(code)] = _component(code)
    result["components"]["schemas"] = dict(sorted(schemas.items()))
    return result


def _component(code: str) -> dict[str, Any]:
    status, title = CODES[code]
    always, sometimes = _FACTS.get(code, ({}, {}))
    members = {
        "type": {"type": "string", "const": f"urn:cadence:problem:{code}"},
        "title": {"type": "string", "const": title},
        "status": {"type": "integer", "const": status},
        "detail": {"type": "string", "description": "A sentence for a person."},
        "code": {"type": "string", "const": code},
    }
    return {
        "type": "object",
        "required": [*members, *always],
        "properties": {**members, **always, **sometimes},
    }
