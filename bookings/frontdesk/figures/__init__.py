"""Figures and files at the desk: reports with plots, the day on paper, data out and in."""
