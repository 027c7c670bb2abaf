"""Each part on the real broker and database."""
