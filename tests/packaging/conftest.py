"""The recipe is imported from its folder; packaging/ is no package, or it would shadow PyPI's."""

from __future__ import annotations

import sys
from pathlib import Path

_PACKAGING = Path(__file__).parents[2] / "packaging"
sys.path[:0] = [str(_PACKAGING), str(_PACKAGING / "launch")]
