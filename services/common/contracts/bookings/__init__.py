"""What the bookings branch promises."""
