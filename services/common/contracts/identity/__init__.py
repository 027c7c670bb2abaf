"""What the identity promises: people, organisations and who belongs to which."""
