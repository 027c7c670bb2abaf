"""What the gateway promises: people, organisations and who belongs to which."""
