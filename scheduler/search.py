"""The cheapest plans among all that keep every rule, each different from those before it. Exact.

Which search answers depends on what is asked: a new series (`courses`), a series that had places before
(`changing`), or a phase of several sessions a day (`blocks`). All take further plans apart alike: a further
plan must differ from each one shown in one of a few ways, each of which leaves out some starts and nothing
else. So when a plan is shown, its field is taken apart into smaller ones, one for each way to differ, and all
fields wait in one queue: the next plan to come to the front that differs from all shown is the cheapest that
does.
"""

from __future__ import annotations

from scheduler import existence
from scheduler.blocks import Blocks
from scheduler.candidates import Field
from scheduler.chain import Chain
from scheduler.changing import Changes
from scheduler.courses import Courses
from scheduler.found import Effort, Found, Unsettled, Ways
from scheduler.roles import Roles


def best(field: Field, chain: Chain, roles: Roles, *, effort: Effort) -> Found | None:
    """The cheapest way to place the sessions, or None when there is no way. Raises Unsettled."""
    found = distinct(field, chain, roles, ways=lambda _: (), limit=1, effort=effort)
    return next(iter(found), None)


def distinct(
    field: Field, chain: Chain, roles: Roles, *, ways: Ways, limit: int, effort: Effort
) -> list[Found]:
    """Up to `limit` plans, cheapest first; empty when there is none. The same question has the same answer.

    `ways` names, for a plan, what starts are left for a plan that differs from it in one way or another. Each
    plan differs in at least one way from every plan before it, and is the cheapest that does. Raises
    Unsettled when the best is not proven within the effort; where only a further plan is not, there are
    fewer.
    """
    known = existence.find(field, chain, roles.count, effort=effort)
    shown: list[Found] = []
    if known is None:
        return shown
    search: Blocks | Changes | Courses
    if chain.block:
        search = Blocks(field, chain, roles, ways=ways, effort=effort)
    elif roles.old:
        search = Changes(field, chain, roles, ways=ways, effort=effort)
    else:
        search = Courses(field, chain, roles, known, ways=ways, effort=effort)
    try:
        search.run(limit, shown)
    except Unsettled:
        if not shown:
            raise
    return shown
