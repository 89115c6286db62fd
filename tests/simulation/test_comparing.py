"""Differences seed by seed, and the interval they are known to."""

from __future__ import annotations

import pytest

from bookings.simulation.comparing import Measure, Run, difference, means

FILL = Measure("fill", lambda found: found["fill"], " %")


def runs(**arms):
    return [
        Run(arm.replace("_", "-"), seed, {"fill": value})
        for arm, values in arms.items()
        for seed, value in enumerate(values, start=1)
    ]


def test_what_years_differ_by_does_not_blur_what_arms_differ_by():
    found = difference(runs(everything=[10, 50, 90], no_watch=[8, 48, 88]), FILL, arm="no-watch")
    assert (found.mean, found.margin) == (-2, 0)


def test_the_interval_is_students_over_the_differences():
    # Differences 1, 2, 3: standard deviation 1, and 4.303 is the quantile for two degrees of freedom.
    found = difference(runs(everything=[0, 0, 0], no_watch=[1, 2, 3]), FILL, arm="no-watch")
    assert found.mean == 2
    assert found.margin == pytest.approx(4.303 / 3**0.5)


def test_one_seed_has_no_interval_and_no_common_seed_no_difference():
    one = difference(runs(everything=[5], no_watch=[4]), FILL, arm="no-watch")
    assert (one.mean, one.margin) == (-1, None)
    assert difference(runs(no_watch=[4]), FILL, arm="no-watch") is None


def test_a_seed_that_one_arm_lacks_counts_in_its_mean_only():
    every = runs(everything=[10, 20], no_watch=[7])
    assert means(every, FILL) == {"everything": 15, "no-watch": 7}
    assert difference(every, FILL, arm="no-watch").mean == -3


def test_what_is_known_of_each_person_is_compared_person_by_person():
    wait = Measure("wait", lambda found: 0.0, each="wait")
    mine = {"1": {"wait": 3.0}, "2": {"wait": 9.0}, "3": {}}
    other = {"1": {"wait": 4.0}, "2": {"wait": 10.0}, "4": {"wait": 50.0}}
    both = [Run("everything", 1, {"people": mine}), Run("no-watch", 1, {"people": other})]
    found = difference(both, wait, arm="no-watch")
    assert (found.mean, found.margin) == (1, 0)
