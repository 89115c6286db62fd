"""A clinic that does not exist, lived for a year through the verbs that people use, so that what the service
does by itself can be measured: the same people with the same luck, with and without it.

`year.live` is the way in. What is modelled, what is not, and what came of it: docs/simulation.md.
"""
