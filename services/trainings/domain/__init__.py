"""Rules of trainings: pure, without I/O and without a clock of their own."""
