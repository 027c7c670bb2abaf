"""Trainings on the real database and broker."""
