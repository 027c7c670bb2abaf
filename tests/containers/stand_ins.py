"""Images in the place of the official ones, which need a registry: Debian's own packages under the
names that the Dockerfile and the compose file ask for.

What they cannot show (the official images, MongoDB 8, RabbitMQ 4) is said in deploy/README.md.
"""

from __future__ import annotations

import shutil
import ssl
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from deploy.local import mongodb
from deploy.local.settings import ROOT
from tests.containers.engine import Engine, run

PACKAGES = {
    "python": ("ca-certificates", "python3", "python3-venv", "python-is-python3"),
    "servers": ("ca-certificates", "bash", "nginx-light", "rabbitmq-server", "libcurl4", "libssl3"),
}
"""By root file system: Debian's packages."""

_PYTHON = """\
FROM stand-in/python
COPY certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY pip.conf /etc/pip.conf
"""
# As in the official image, everybody may write to the folder of logs.
_RABBITMQ = """\
FROM stand-in/servers
RUN rm -rf /var/lib/rabbitmq /var/log/rabbitmq /etc/rabbitmq/rabbitmq-env.conf \\
 && install -d -o 999 -g 999 /var/lib/rabbitmq \\
 && install -d -m 1777 /var/log/rabbitmq \\
 && install -d /etc/rabbitmq/conf.d \\
 && echo '[rabbitmq_prometheus].' > /etc/rabbitmq/enabled_plugins \\
 && echo 'rabbit:x:999:999::/var/lib/rabbitmq:/bin/sh' >> /etc/passwd
ENV PATH=/usr/lib/rabbitmq/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/var/lib/rabbitmq
VOLUME /var/lib/rabbitmq
CMD ["rabbitmq-server"]
"""
_MONGODB = """\
FROM stand-in/servers
COPY mongod /usr/bin/mongod
RUN install -d -o 999 -g 999 /data/db
VOLUME /data/db
"""
_NGINX = "FROM stand-in/servers\n"
_MAIL = """\
FROM masaha/setup:test
USER 0
COPY mail-packages.txt /
RUN /opt/masaha/bin/pip install --quiet --requirement /mail-packages.txt
COPY deploy /srv/masaha/deploy
ENTRYPOINT ["python", "-m", "deploy.local.mail"]
CMD ["0.0.0.0", "1025", "/mail"]
HEALTHCHECK NONE
USER 10001:10001
"""


def make_file_systems(folder: Path) -> dict[str, Path]:
    """Root file systems of Debian, side by side; a tar file each."""
    folder.mkdir(parents=True, exist_ok=True)

    def make(name: str) -> Path:
        archive = folder / f"{name}.tar"
        chosen = ",".join(PACKAGES[name])
        run("mmdebstrap", "--variant=minbase", f"--include={chosen}", "bookworm", archive)
        return archive

    with ThreadPoolExecutor(len(PACKAGES)) as threads:
        return dict(zip(PACKAGES, threads.map(make, PACKAGES), strict=True))


def build_stand_ins(engine: Engine, file_systems: dict[str, Path], folder: Path) -> None:
    """The images that the project's own are built on and run beside."""
    for name, archive in file_systems.items():
        engine.docker("import", archive, f"stand-in/{name}")
    context = folder / "stand-ins"
    context.mkdir()
    shutil.copy(ssl.get_default_verify_paths().cafile or "", context / "certificates.crt")
    (context / "pip.conf").write_text(_pip_settings(), encoding="utf-8")
    shutil.copy(mongodb.find(), context / "mongod")
    for tag, text in {
        "python:3.11-slim-bookworm": _PYTHON,
        "rabbitmq:4.1": _RABBITMQ,
        "mongo:8.0": _MONGODB,
        "nginx:1.28": _NGINX,
    }.items():
        _build(engine, context, tag, text)


def build_mail_sink(engine: Engine, folder: Path) -> None:
    """The local stack's mail sink, in the place of the one that the compose file names."""
    context = folder / "mail-sink"
    (context / "deploy").mkdir(parents=True)
    locked = (ROOT / "requirements" / "local.txt").read_text("utf-8").splitlines()
    wanted = ("aiosmtpd==", "atpublic==", "attrs==")
    lines = [line for line in locked if line.startswith(wanted)]
    (context / "mail-packages.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    shutil.copytree(ROOT / "deploy" / "local", context / "deploy" / "local")
    _build(engine, context, "axllent/mailpit:v1.27", _MAIL)


def _build(engine: Engine, context: Path, tag: str, text: str) -> None:
    (context / "Dockerfile").write_text(text, encoding="utf-8")
    engine.docker("build", "--network", "host", "--tag", tag, context)


def _pip_settings() -> str:
    """How this machine reaches the package index; folders of its own are left out."""
    listed = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=True
    ).stdout
    lines = ["[global]"]
    for line in listed.splitlines():
        name, _, value = line.partition("=")
        key = name.rpartition(".")[2]
        usable = [each for each in value.strip("'\"").split() if "://" in each[:12]]
        remote = " ".join(each for each in usable if not each.startswith("file:"))
        if key in ("index-url", "extra-index-url") and remote:
            lines.append(f"{key} = {remote}")
    return "\n".join([*lines, "cert = /etc/ssl/certs/ca-certificates.crt", ""])
