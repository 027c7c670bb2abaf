"""What runs inside the transaction of an operation, and opens none of its own."""
