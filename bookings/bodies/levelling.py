"""What a template of starts is asked for with."""

from __future__ import annotations

from bookings.bodies.fields import Body, Whole
from bookings.usual_week import MOST_WEEKS, USUAL_WEEKS


class TemplateBody(Body):
    """From how many weeks a template is to be drawn up."""

    weeks = Whole(
        min_value=1,
        max_value=MOST_WEEKS,
        required=False,
        help_text=f"The weeks before today; {USUAL_WEEKS} unless given.",
    )
