"""The day at the desk: who comes when, in which chair, and what is done with each visit."""
