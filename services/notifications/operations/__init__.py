"""Use cases: one file each, reading like its rulebook."""
