"""Bookings that read, then write, then publish."""
