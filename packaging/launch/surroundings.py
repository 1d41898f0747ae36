"""Sets the environment right that the program was started with, for itself and what it starts.

PyInstaller's loader points LD_LIBRARY_PATH to the bundle. What we start (git, a browser for a link)
would inherit it and load our libraries in place of its own; this process has read it already. The
loader's notes to itself go, too: a second process of ours is to start as the first did. And where
a desktop has plugins for its own Qt, they are not for the Qt that we bring.
"""

import os
import sys

_LIBRARIES = "LD_LIBRARY_PATH"
_FOREIGN_PLUGINS = "QT_PLUGIN_PATH"
_OF_THE_LOADER = "_PYI_"


def put_right() -> None:
    """To be called before anything else."""
    os.environ.pop(_FOREIGN_PLUGINS, None)
    if sys.platform == "win32":
        return  # there, nothing that the loader sets harms others
    before = os.environ.pop(f"{_LIBRARIES}_ORIG", None)
    os.environ.pop(_LIBRARIES, None)
    if before is not None:
        os.environ[_LIBRARIES] = before
    for name in [name for name in os.environ if name.startswith(_OF_THE_LOADER)]:
        del os.environ[name]
