"""What every branch uses."""
