"""What the notifications branch promises."""
