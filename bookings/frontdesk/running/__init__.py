"""Running a clinic from the desk: when it is open, who is on duty, and what a change of either does."""
