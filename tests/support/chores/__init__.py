"""A small deployable with a worker and a seed, for tests of the runtime."""
