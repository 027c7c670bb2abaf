"""Messages on the broker."""
