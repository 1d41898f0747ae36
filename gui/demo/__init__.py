"""The database of `--demo`: made here, to show the product at its best."""

from .build import build_demo

__all__ = ["build_demo"]
