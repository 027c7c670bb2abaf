"""People, organisations, memberships and sign-in: a service of its own inside the door."""
