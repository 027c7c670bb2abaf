"""A small service for tests of messaging and runtime: it does what its request says."""
