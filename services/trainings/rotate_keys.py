"""Have a new key sign certificates: ``python -m services.trainings.rotate_keys``.

The keys before stay as public halves: what they signed is still verified. The settings are those of
the service. Running processes take the new key within seconds.
"""

from __future__ import annotations

import sys
from pathlib import Path

from services.common.signing_keys import ED25519, SigningKeys, generate_key, retire_key
from services.trainings.settings import load_certificate_settings


def rotate(folder: Path) -> str:
    """Put a new key into the folder, and leave of all others the public half.

    Returns:
        the ``kid`` of the new one.

    Raises:
        NoKeys: if a file in the folder is no key; nothing is changed then.
    """
    before = [str(key.kid) for key in SigningKeys(folder, ED25519).all.keys]
    # First the new one: at no moment is there none that signs.
    made = generate_key(folder, ED25519)
    for kid in before:
        retire_key(folder, kid, ED25519)
    return made.stem


def main() -> int:
    """The command; returns its exit code."""
    kid = rotate(load_certificate_settings().certificate_keys_dir)
    sys.stdout.write(f"the key {kid} signs from now on\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
