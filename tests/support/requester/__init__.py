"""A small branch that requests rooms: a service that hears, and a worker that asks."""
