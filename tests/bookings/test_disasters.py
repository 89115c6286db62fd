"""Disasters at random clinics: after the workers have drained, every broken rule is somebody's decision or an
open task, and nobody was moved without their word or the clinic's.
"""

import os

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.bookings.disasters import Disasters

EXAMPLES = int(os.environ.get("EXAMPLES", "4"))


@pytest.mark.django_db
@pytest.mark.timeout(0)
def test_whatever_happens_every_broken_rule_is_known():
    run_state_machine_as_test(
        Disasters,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=20,
            derandomize="EXAMPLES" not in os.environ,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
