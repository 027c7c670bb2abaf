"""The images built from the unchanged Dockerfile, and the compose file brought up, once a run."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from deploy.local import packages
from deploy.local.settings import ROOT
from deploy.setup.settings import write_settings
from tests.containers.engine import Engine
from tests.containers.stand_ins import build_mail_sink, build_stand_ins, make_file_systems

COMPOSE = ROOT / "deploy" / "compose.yaml"
OVERRIDE = Path(__file__).parent / "override.yaml"
TOOLS = {
    "dockerd": "docker.io",
    "mmdebstrap": "mmdebstrap",
    "ip": "iproute2",
    "iptables": "iptables",
}
HTTPS_PORT, HTTP_PORT = 8443, 8080


@dataclass(frozen=True)
class Containers:
    """The compose file, running.

    Attributes:
        settings: the file of settings.
        mail: the folder of the mail sink.
        certificate: what the door shows; a client trusts it.
    """

    engine: Engine
    settings: Path
    mail: Path
    certificate: Path

    @property
    def url(self) -> str:
        """The door, from inside the containers' network."""
        return f"https://localhost:{HTTPS_PORT}"

    def compose(self, *arguments: str) -> str:
        return self.engine.compose(*arguments, files=[COMPOSE, OVERRIDE], settings=self.settings)


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    if os.geteuid() != 0:
        pytest.skip("a container engine needs root")
    missing = [package for tool, package in TOOLS.items() if shutil.which(tool) is None]
    if missing:
        packages.install(missing, "The tests of the containers need them")
    folder = tmp_path_factory.mktemp("engine")
    engine = Engine(folder, f"masaha-{os.getpid()}")
    try:
        yield engine
    finally:
        engine.stop()
        engine.remove()


@pytest.fixture(scope="session")
def images(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """The engine with every image, built by the compose file from the unchanged Dockerfile."""
    folder = tmp_path_factory.mktemp("images")
    settings = folder / "settings.env"
    write_settings(settings)
    engine.start_to_build()
    try:
        build_stand_ins(engine, make_file_systems(folder), folder)
        engine.build_images(COMPOSE, settings)
        build_mail_sink(engine, folder)
    finally:
        engine.stop()
    return engine


@pytest.fixture(scope="session")
def containers(images: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Containers]:
    """The whole system, healthy and seeded, behind its published port."""
    folder = tmp_path_factory.mktemp("containers")
    mail = folder / "mail"
    mail.mkdir(mode=0o777)
    mail.chmod(0o777)
    settings = folder / "settings.env"
    settings.write_text(
        f"PUBLIC_URL=https://localhost:{HTTPS_PORT}\nHTTPS_PORT={HTTPS_PORT}\n"
        f"HTTP_PORT={HTTP_PORT}\nMAIL_FOLDER={mail}\nMASAHA_VERSION=test\n",
        encoding="utf-8",
    )
    write_settings(settings)
    images.start_to_run()
    found = Containers(images, settings, mail, folder / "tls.crt")
    try:
        found.compose("up", "--detach", "--wait", "--no-build")
        for branch in ("bookings", "trainings", "consultations", "gateway"):
            found.compose("run", "--rm", "--no-deps", f"{branch}-seed")
        found.certificate.write_text(
            found.compose("exec", "-T", "proxy", "cat", "/etc/nginx/certificate/tls.crt"), "utf-8"
        )
        yield found
    finally:
        try:
            found.compose("down", "--volumes", "--timeout", "20")
        finally:
            images.stop()
