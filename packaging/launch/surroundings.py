"""Gives back the environment that the program was started with.

PyInstaller's loader points LD_LIBRARY_PATH to the bundle, and its hooks Qt's own variables. What
we start (git, a browser for a link) would inherit them and load our libraries in place of its own.
This process has read the first already, and Qt finds its plugins beside itself. The loader's notes
to itself go, too: a second process of ours is to start as the first did.
"""

import os
import sys

_LIBRARIES = "LD_LIBRARY_PATH"
_OF_QT = ("QT_PLUGIN_PATH", "QML2_IMPORT_PATH")
_OF_THE_LOADER = "_PYI_"


def give_back() -> None:
    """To be called before anything else."""
    if sys.platform == "win32":
        return  # there, nothing of this harms others
    before = os.environ.pop(f"{_LIBRARIES}_ORIG", None)
    os.environ.pop(_LIBRARIES, None)
    if before is not None:
        os.environ[_LIBRARIES] = before
    bundle = getattr(sys, "_MEIPASS", "\0")
    for name, value in list(os.environ.items()):
        if name.startswith(_OF_THE_LOADER) or (name in _OF_QT and value.startswith(bundle)):
            del os.environ[name]
