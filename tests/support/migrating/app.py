"""What every deployable has beside its entrypoints."""

from services.common.config import load as check_settings

__all__ = ["check_settings"]
