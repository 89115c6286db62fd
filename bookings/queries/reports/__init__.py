"""Figures about a period of a clinic: how it was used, when visits begin, who does not come, how series run.

Each report makes a fixed number of queries, counts by clinic-local dates, and names nobody.
"""
