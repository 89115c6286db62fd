"""Writes: verbs that change rows, each in transactions of its own."""
