"""Python integers as sets of minutes: bit i stands for minute i of a window.

The whole trick of the fast engine is here. An integer of some 1,600 bits holds a clinic-day, and one
operation on it judges every minute at once:

- `a & b`, `a | b`, `a ^ b` are intersection, union and difference of sets of minutes;
- `a >> n` moves every minute n earlier, so `a & a >> 1` keeps those whose next minute is in `a`;
- `erode` repeats that with doubling steps: which minutes begin L minutes in a row? log2(L) operations;
- a count per minute is a "thermometer", a list of sets: `levels[j]` holds the minutes with a count above j.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence


def ones(minutes: int) -> int:
    """The first so many minutes of the window."""
    return (1 << minutes) - 1


def between(start: int, end: int, *, length: int) -> int:
    """The minutes from `start` up to `end`, cut to a window of `length` minutes."""
    start, end = max(start, 0), min(end, length)
    return ones(end - start) << start if start < end else 0


def erode(bits: int, minutes: int) -> int:
    """The minutes that begin a run of at least so many minutes (one or more), all of them in `bits`."""
    run = 1
    while run * 2 <= minutes:
        bits &= bits >> run
        run *= 2
    if run < minutes:
        bits &= bits >> (minutes - run)
    return bits


def positions(bits: int) -> Iterator[int]:
    """Each minute in the set, in order."""
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest


def thermometer(sets: Iterable[int]) -> tuple[int, ...]:
    """How many of the sets hold each minute: element j holds the minutes of at least j + 1 of them."""
    levels: list[int] = []
    for bits in sets:
        rest = bits  # what is full on one level rises to the next
        for level, have in enumerate(levels):
            levels[level] = have | rest
            rest &= have
            if not rest:
                break
        if rest:
            levels.append(rest)
    return tuple(levels)


def tally(sets: Sequence[int], at: int) -> Iterator[tuple[int, int]]:
    """Each minute of `at`, in order, with the number of sets that hold it.

    Minutes of a grid lie some bits apart, so that a plain sum of the sets counts all of them at once: each
    minute's count grows into the empty bits above it. Where a grid is too fine for that, the sets are asked
    one by one.
    """
    width = len(sets).bit_length()
    if any(at & at >> step for step in range(1, width)):
        for minute in positions(at):
            yield minute, sum(held >> minute & 1 for held in sets)
        return
    total, digit = sum(held & at for held in sets), ones(width)
    for minute in positions(at):
        yield minute, total >> minute & digit
