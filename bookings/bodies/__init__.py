"""What callers may write, each field with its bounds: one reading for the API and the pages of the desk."""
