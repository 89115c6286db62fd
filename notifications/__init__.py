"""Tells people what happened: reads the journal and speaks. `bookings` does not know that it exists."""
