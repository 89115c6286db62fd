"""Half-open spans of time, counted in whole minutes since 1970-01-01T00:00Z.

A whole number of minutes names an instant without a zone or an offset, so sums and comparisons are exact on
both changes of clock. Aware datetimes are turned into minutes at the edge, by `minute`, and back by
`instant`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

Minute = int
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def minute(at: datetime) -> Minute:
    """The minute in which an aware datetime lies. Raises ValueError for a naive one."""
    if at.tzinfo is None:
        raise ValueError("a time without an offset is not an instant")
    return int((at - _EPOCH).total_seconds() // 60)


def instant(at: Minute) -> datetime:
    """The start of a minute as an aware datetime in UTC."""
    return _EPOCH + timedelta(minutes=at)


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """From `start` up to, but not including, `end`."""

    start: Minute
    end: Minute

    def overlaps(self, other: Span) -> bool:
        """Whether some minute lies in both. Spans that only touch do not overlap."""
        return self.start < other.end and other.start < self.end


class Spans:
    """Any set of minutes, kept as the fewest spans in order: `|`, `&`, `-` and `in` work on it as on a set.

    Spans that touch become one, empty ones disappear. `in` takes a minute, or a span that must lie in it
    wholly.
    """

    __slots__ = ("_spans",)

    def __init__(self, spans: Iterable[Span] = ()) -> None:
        joined: list[Span] = []
        for span in sorted(spans):
            if span.start >= span.end:
                continue
            if joined and span.start <= joined[-1].end:
                joined[-1] = Span(joined[-1].start, max(joined[-1].end, span.end))
            else:
                joined.append(span)
        self._spans = tuple(joined)

    def __iter__(self) -> Iterator[Span]:
        return iter(self._spans)

    def __len__(self) -> int:
        return len(self._spans)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Spans) and self._spans == other._spans

    def __hash__(self) -> int:
        return hash(self._spans)

    def __repr__(self) -> str:
        return f"Spans({list(self._spans)!r})"

    def __contains__(self, what: Minute | Span) -> bool:
        if isinstance(what, Span):
            return any(span.start <= what.start and what.end <= span.end for span in self._spans)
        return any(span.start <= what < span.end for span in self._spans)

    def __or__(self, other: Spans) -> Spans:
        return Spans((*self._spans, *other._spans))

    def __and__(self, other: Spans) -> Spans:
        return Spans(
            Span(max(one.start, two.start), min(one.end, two.end))
            for one in self
            for two in other
            if one.overlaps(two)
        )

    def __sub__(self, other: Spans) -> Spans:
        left = list(self._spans)
        for gone in other:
            left = [
                piece
                for span in left
                for piece in (
                    Span(span.start, min(span.end, gone.start)),
                    Span(max(span.start, gone.end), span.end),
                )
                if piece.start < piece.end
            ]
        return Spans(left)


def crowded(starts: Sequence[Minute], *, limit: int, within: int) -> Iterator[Span]:
    """Where one more start would make more than `limit` in some half-open window of `within` minutes.

    `starts` are in order, `limit` is at least 1. The spans may overlap.
    """
    for first, last in zip(starts, starts[limit - 1 :], strict=False):
        if last - first < within:
            yield Span(last - within + 1, first + within)
