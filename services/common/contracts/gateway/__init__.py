"""What the gateway promises as the HTTP door: its own refusals, and the members of problems."""
