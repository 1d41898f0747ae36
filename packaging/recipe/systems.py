"""Tries the archive and the `.deb` in bare Debian systems; upgrades and removes the package there.

Needs root, debootstrap and a way to Debian's packages, which it takes from this machine's apt.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

from recipe import bundle, linux
from recipe.facts import NAME, PACKAGING, WORK, RecipeError, ask, run, say, version

SUITES: Final = ("bookworm", "trixie")
_OLD: Final = "0.0.1"
_ISOLATED: Final = ("unshare", "--mount", "--pid", "--ipc", "--fork")


def try_all() -> None:
    """Each system in turn; the first thing that is wrong ends it."""
    made = bundle.existing()
    archive, old, new = linux.tarball(made), linux.deb(made, _OLD), linux.deb(made)
    try:
        for suite in SUITES:
            try_archive(suite, archive)
            try_package(suite, old, new)
    finally:
        old.unlink()


def try_archive(suite: str, archive: Path) -> None:
    """Unpack it where there is nothing but the libraries that its README asks for, and try it."""
    system = _fresh(suite)
    run(["tar", "--extract", "--file", archive, "--directory", system / "opt"])
    place = f"/opt/{NAME}-{version()}"
    _inside(system, "apt-get update --quiet=2")
    _inside(system, f"{_INSTALL} {' '.join(linux.libraries_to_have())}")
    _inside(system, f"cd {place}/_internal && export LD_LIBRARY_PATH=$PWD && "
                    "! ldd PySide6/Qt/plugins/platforms/*.so | grep 'not found'")  # fmt: skip
    _inside(system, _tour(f"{place}/{NAME}"))
    say(f"{suite}: the archive needs no more than its README says.")
    shutil.rmtree(system)


def try_package(suite: str, old: Path, new: Path) -> None:
    """Install the old package, upgrade, try the programs, remove; look for what is left."""
    system = _fresh(suite)
    packages = system / "packages"
    packages.mkdir()
    for source in (old, new, PACKAGING / "smoke.py"):
        shutil.copy(source, packages)
    _inside(system, "apt-get update --quiet=2")
    _inside(system, f"{_INSTALL} ./packages/{old.name}")
    _inside(system, "dbengine --version && dbengine-browser --version")
    _inside(system, f"{_INSTALL} ./packages/{new.name}")
    say(f"{suite}: upgraded from {old.name} to {new.name}.")
    _inside(system, _tour(NAME))
    say(f"{suite}: the tour went through with nothing else installed.")
    _inside(system, f"{_INSTALL} python3-minimal libpython3-stdlib git xvfb xauth")
    _inside(system, "python3 /packages/smoke.py /usr/bin")
    _inside(system, "xvfb-run -a -s '-screen 0 1600x1000x24' "
                    "python3 /packages/smoke.py /usr/bin --platform xcb")  # fmt: skip
    _inside(system, f"apt-get purge --quiet=2 --yes {NAME}")
    left = _traces(system)
    if left:
        raise RecipeError(f"Removing the package in {suite} left {', '.join(left)}.")
    say(f"{suite}: installed, upgraded, tried and removed without a trace.")
    shutil.rmtree(system)


_INSTALL: Final = "apt-get install --quiet=2 --yes --no-install-recommends"


def _tour(program: str) -> str:
    """Take the tour without a display; say all of it only where it fails."""
    said = "/tmp/tour.txt"
    taken = f"LANG=C.UTF-8 {program} --tour /tmp/tour > {said}"
    return f"{taken} || {{ cat {said}; exit 1; }}; tail -n 1 {said}"


def _fresh(suite: str) -> Path:
    """A copy of a bare system, which debootstrap made once."""
    base, system = WORK / "systems" / suite, WORK / "systems" / f"{suite}-tried"
    if not (base / "etc/apt/sources.list").exists():
        shutil.rmtree(base, ignore_errors=True)
        run(["debootstrap", "--variant=minbase", suite, base])
    shutil.rmtree(system, ignore_errors=True)
    run(["cp", "--archive", "--reflink=auto", base, system])
    shutil.copy("/etc/resolv.conf", system / "etc/resolv.conf")
    return system


def _inside(system: Path, line: str) -> None:
    """Run a line of shell inside, with an environment of its own and processes of its own."""
    environment = ["env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root",
                   "DEBIAN_FRONTEND=noninteractive"]  # fmt: skip
    mount = f"mount -t proc proc {system}/proc && exec chroot {system} " + " ".join(environment)
    run([*_ISOLATED, "sh", "-ec", f'{mount} sh -ec "$1"', "sh", line])


def _traces(system: Path) -> list[str]:
    """Files that have the program's name, other than the user's own and these packages."""
    told = ask(["find", system, "-xdev", "-iname", "*dbengine*"]).splitlines()
    own = ("/packages/", "/root/", "/tmp/", "/var/cache/apt/", "/var/log/")
    paths = [line.removeprefix(str(system)) for line in told]
    return [path for path in paths if not path.startswith(own)]
