"""The check command's other end."""

from __future__ import annotations

from services.common.config import load as check_settings

__all__ = ["check_settings"]
