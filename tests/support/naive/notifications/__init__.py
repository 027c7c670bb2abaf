"""Notifications from a bare event handler."""
