"""The door for patients: pages."""
