"""Settings, read from the environment once, where a process starts.

Every setting that more than one deployable has is here; what only one has is in its own ``app.py``.
"""

from __future__ import annotations

from dataclasses import dataclass

from environs import Env


@dataclass(frozen=True, slots=True)
class Settings:
    """What a process needs to know of its surroundings.

    Attributes:
        amqp_uri: RabbitMQ, ``amqp://user:password@host:port/vhost``.
        mongo_uri: MongoDB, always a replica set (transactions need one).
        database_prefix: databases are ``<prefix>_<service>``.
        probe_host, probe_port: where /healthz, /readyz and /metrics answer; port 0 means nowhere.
        log_level, log_format: ``INFO``; ``json`` or ``console``.
        max_workers: RPC calls and events that one service process works on at a time.
        heartbeat: AMQP heartbeat in seconds.
    """

    amqp_uri: str
    mongo_uri: str
    database_prefix: str = "masaha"
    probe_host: str = "127.0.0.1"
    probe_port: int = 0
    log_level: str = "INFO"
    log_format: str = "json"
    max_workers: int = 10
    heartbeat: int = 20

    def database(self, service: str) -> str:
        """The name of a service's own database."""
        return f"{self.database_prefix}_{service}"


def load() -> Settings:
    """Read the settings.

    Raises:
        environs.EnvError: naming the variable that is missing or has the wrong type.
    """
    env = Env()
    return Settings(
        amqp_uri=env.str("AMQP_URI"),
        mongo_uri=env.str("MONGO_URI"),
        database_prefix=env.str("DATABASE_PREFIX", "masaha"),
        probe_host=env.str("PROBE_HOST", "127.0.0.1"),
        probe_port=env.int("PROBE_PORT", 0),
        log_level=env.str("LOG_LEVEL", "INFO").upper(),
        log_format=env.str("LOG_FORMAT", "json"),
        max_workers=env.int("MAX_WORKERS", 10),
        heartbeat=env.int("AMQP_HEARTBEAT", 20),
    )
