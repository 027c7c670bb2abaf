"""What runs inside a use case's transaction; a step never opens one."""
