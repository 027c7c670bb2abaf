"""Three nodes of each server in network namespaces, and the services as their clients."""
