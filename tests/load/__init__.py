"""`make load`: people of the centre at work, many at once, and what their waiting was like."""
