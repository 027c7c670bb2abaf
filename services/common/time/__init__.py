"""Time as people at a centre live it: periods, and working time."""
