"""How Masaha is run: on one machine (`deploy.local`) and beyond it."""
