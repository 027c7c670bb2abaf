"""Bookings that look, then write, then tell."""
