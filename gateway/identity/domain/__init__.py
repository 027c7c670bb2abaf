"""People, organisations, memberships: pure rules, no I/O."""
