"""Filters of the letters."""
