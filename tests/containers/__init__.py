"""The compose file, brought up by a real container engine."""
