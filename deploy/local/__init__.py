"""The whole system on one machine, with its real broker and its real database.

`processes.py` is the table of what runs; `stack.py` starts and stops it, gated on health;
supervisord (`supervision.py`) keeps it alive. The command line is `python -m deploy.local`.
"""
