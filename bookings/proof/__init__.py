"""A proof of the whole diary: every session judged again by every rule, against what was there before it.

Claims are numbered in the order in which places were taken. Each is judged by the engine against those
with smaller numbers, so the proof asks exactly what was asked when the place was taken, and blames the
later of two.
"""

from bookings.proof.findings import Excuse, Finding
from bookings.proof.proving import prove

__all__ = ["Excuse", "Finding", "prove"]
