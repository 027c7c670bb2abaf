"""A deployable whose names became names in several languages: what a migration looks like."""
