"""Times, periods and opening hours."""
