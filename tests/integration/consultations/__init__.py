"""Consultations on the real database and broker."""
