"""A small service whose database is there only once a file is: ``WAITS_FOR``."""
