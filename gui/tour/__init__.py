"""The tour: drives the real windows through every main job, checks them, and takes pictures."""

from .run import run_tour, run_visit

__all__ = ["run_tour", "run_visit"]
