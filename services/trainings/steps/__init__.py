"""What runs inside a use case's transaction: a step writes by its session and opens none."""
