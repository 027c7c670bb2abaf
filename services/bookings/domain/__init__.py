"""Rules of the shared space: pure, without I/O and without a clock of their own."""
