"""The door for programs: JSON over HTTP, version 1."""
