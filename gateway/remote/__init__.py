"""The way to the branches: RPC over RabbitMQ, breakers, the cache for when one is away."""
