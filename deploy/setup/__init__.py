"""One-shot work before the services start: users of broker and database, a first certificate."""
