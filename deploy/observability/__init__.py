"""What Prometheus and Grafana read."""
