"""The process under gunicorn: its worker, sockets, connections and access log."""
