"""Tests, by kind; what they share is in `support`."""
