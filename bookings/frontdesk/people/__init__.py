"""People at the desk: found in one box, added, planned and booked while they are on the telephone."""
