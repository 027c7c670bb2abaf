"""A small branch that requests rooms: a service that gets answers, and a worker that asks."""
