"""What the tests themselves use."""
