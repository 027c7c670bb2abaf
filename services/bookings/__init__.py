"""The bookings branch: the shared space of the two centres."""
