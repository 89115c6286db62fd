"""The door for staff and patients who ask what was told, and say what is to be told how."""
