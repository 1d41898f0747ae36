"""Linux: the tree under /usr, and the `.deb`, `.rpm` and `.tar.xz` made of it."""

from __future__ import annotations

import gzip
import json
import re
import shutil
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Final

from recipe import bundle, elf, environments, trees
from recipe.facts import (
    DIST,
    MAINTAINER,
    NAME,
    PACKAGING,
    ROOT,
    SUMMARY,
    TITLE,
    WORK,
    RecipeError,
    ask,
    epoch,
    homepage,
    run,
    version,
)  # fmt: skip
from recipe.trimming import BUNDLED_LIBRARIES, USED_IF_THERE

_PARTS: Final = PACKAGING / "linux"
_ID: Final = "dbengine-browser"
_PICTURES: Final = {
    "compare-light": "Any two versions side by side",
    "inspect-light": "An entry and its history",
    "restore-light": "Restoring some records of an old version",
}
_FIRST: Final = ' type="default"'
_DESCRIPTION: Final = (
    "DbEngine keeps JSON in a folder, every change an immutable snapshot.",
    "DbEngine Browser is the desktop program on it: walk through time, compare any two versions "
    "side by side, edit with a review before every write, and restore with a click.",
    "The command dbengine does the same in a terminal, and imports the history of a JSON file "
    "from git.",
)


def tarball(made: Path) -> Path:
    """The bundle with its desktop files, to be unpacked anywhere."""
    folder = WORK / "tar" / f"{NAME}-{version()}"
    shutil.rmtree(folder.parent, ignore_errors=True)
    shutil.copytree(made, folder, symlinks=True)
    _share(folder / "share")
    shutil.copy(_PARTS / "README.txt", folder)
    trees.settle(folder)
    DIST.mkdir(exist_ok=True)
    target = DIST / f"{NAME}-{version()}-linux-x86_64.tar.xz"
    trees.tar(folder, target)
    return target


def libraries_to_have() -> list[str]:
    """The packages that the archive's README asks a bare system to have."""
    return re.findall(r"\blib[a-z0-9.+-]*\d\b", (_PARTS / "README.txt").read_text("utf-8"))


def deb(made: Path, as_version: str | None = None) -> Path:
    """The Debian package; `as_version` makes one that is taken for another version, for tests."""
    number = as_version or version()
    root = _system_tree(made, WORK / "deb" / "root")
    documents = root / "usr/share/doc" / NAME
    shutil.copy(_PARTS / "copyright", documents / "copyright")
    _pack(documents / "changelog.gz", _debian_changelog(number))
    overrides = root / "usr/share/lintian/overrides"
    overrides.mkdir(parents=True)
    shutil.copy(_PARTS / "lintian-overrides", overrides / NAME)
    _control(root, number)
    trees.settle(root)
    DIST.mkdir(exist_ok=True)
    target = DIST / f"{NAME}_{number}_amd64.deb"
    run(["dpkg-deb", "--root-owner-group", "-Zxz", "--build", root, target])
    return target


def rpm(made: Path) -> Path:
    """The RPM, by nfpm from the same tree."""
    root = _system_tree(made, WORK / "rpm" / "root", zsh="site-functions")
    licence = root / "usr/share/licenses" / NAME
    licence.mkdir(parents=True)
    shutil.copy(_PARTS / "copyright", licence / "copyright")
    trees.settle(root)
    DIST.mkdir(exist_ok=True)
    target = DIST / f"{NAME}-{version()}-1.x86_64.rpm"
    recipe = WORK / "rpm" / "nfpm.json"  # JSON is YAML
    recipe.write_text(json.dumps(_nfpm(root), indent=1), encoding="utf-8")
    run([environments.tool("nfpm"), "package", "--packager", "rpm", "--config", recipe,
         "--target", target])  # fmt: skip
    return target


def _system_tree(made: Path, root: Path, zsh: str = "vendor-completions") -> Path:
    """What both package formats install; libraries of the system are left to the system."""
    shutil.rmtree(root.parent, ignore_errors=True)
    home = root / "usr/lib" / NAME
    shutil.copytree(made, home, symlinks=True)
    for path in (home / "_internal").iterdir():
        if BUNDLED_LIBRARIES.match(path.name):
            path.unlink()
    programs = root / "usr/bin"
    programs.mkdir(parents=True)
    for name in (NAME, "dbengine"):
        (programs / name).symlink_to(f"../lib/{NAME}/{name}")
    _share(root / "usr/share", zsh=zsh)
    documents = root / "usr/share/doc" / NAME
    documents.mkdir(parents=True)
    shutil.copy(ROOT / "docs/guide.md", documents)
    return root


def _share(share: Path, zsh: str = "site-functions") -> None:
    """Menu entry, icons, what software centres show, file type, man pages, completion."""
    pages = bundle.PREPARED / "pages"
    places = {
        _PARTS / f"{_ID}.desktop": f"applications/{_ID}.desktop",
        _PARTS / f"{_ID}.xml": f"mime/packages/{_ID}.xml",
        ROOT / "resources/icon.svg": f"icons/hicolor/scalable/apps/{_ID}.svg",
    }
    for name in ("dbengine", "dbengine-browser"):
        shells = pages / "completions"
        places[shells / "bash" / name] = f"bash-completion/completions/{name}"
        places[shells / "zsh" / f"_{name}"] = f"zsh/{zsh}/_{name}"
        places[shells / "fish" / f"{name}.fish"] = f"fish/vendor_completions.d/{name}.fish"
    for size in (16, 24, 32, 48, 64, 128, 256, 512):
        icon = bundle.PREPARED / f"icons/icon-{size}.png"
        places[icon] = f"icons/hicolor/{size}x{size}/apps/{_ID}.png"
    for source, place in places.items():
        (share / place).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, share / place)
    for page in sorted((pages / "man").glob("*.1")):
        _pack(share / "man/man1" / f"{page.name}.gz", page.read_bytes())
    _metainfo(share)


def _metainfo(share: Path) -> None:
    """AppStream's description; pictures and links only where the project has a home on the web."""
    text = (_PARTS / f"{_ID}.metainfo.xml").read_text(encoding="utf-8")
    for mark, value in (("@VERSION@", version()), ("@DATE@", _day()), ("@WEB@", _web(homepage()))):
        text = text.replace(mark, value)
    (share / "metainfo").mkdir(parents=True, exist_ok=True)
    (share / "metainfo" / f"{_ID}.metainfo.xml").write_text(text, encoding="utf-8")


def _web(home: str) -> str:
    if not home:
        return ""
    shots = "".join(
        f"    <screenshot{_FIRST if not number else ''}>\n"
        f"      <caption>{caption}</caption>\n"
        f"      <image>{home}/raw/v{version()}/docs/pictures/{name}.png</image>\n"
        "    </screenshot>\n"
        for number, (name, caption) in enumerate(_PICTURES.items())
    )
    link = f'  <url type="homepage">{home}</url>\n'
    return f"{link}  <screenshots>\n{shots}  </screenshots>\n"


def _control(root: Path, number: str) -> None:
    """DEBIAN/control and the checksums; what it depends on is worked out from the programs."""
    control = root / "DEBIAN"
    control.mkdir()
    files = [
        path
        for path in sorted((root / "usr").rglob("*"))
        if path.is_file() and not path.is_symlink()
    ]
    size = sum(path.stat().st_size for path in files) // 1024
    fields = {
        "Package": NAME,
        "Version": number,
        "Architecture": "amd64",
        "Maintainer": MAINTAINER,
        "Installed-Size": str(size),
        **_depends(root),
        "Recommends": "git",
        "Section": "database",
        "Priority": "optional",
        "Homepage": homepage(),
        "Description": f"{SUMMARY[0].lower()}{SUMMARY[1:]}\n" + _folded(_DESCRIPTION),
    }
    text = "".join(f"{name}: {value}\n" for name, value in fields.items() if value)
    (control / "control").write_text(text, encoding="utf-8")
    sums = (ask(["md5sum", path.relative_to(root)], where=root) for path in files)
    (control / "md5sums").write_text("".join(sums), encoding="utf-8")


def _depends(root: Path) -> dict[str, str]:
    """What `dpkg-shlibdeps` finds that the programs load, and what some desktops have besides."""
    binaries = elf.binaries(root / "usr")
    place = WORK / "deb"
    (place / "debian").mkdir(parents=True, exist_ok=True)
    source = f"Source: {NAME}\n\nPackage: {NAME}\nArchitecture: amd64\n"
    (place / "debian/control").write_text(source, encoding="utf-8")
    own = [f"-l{folder}" for folder in elf.folders(binaries)]
    always = [f"-e{path}" for path in binaries if path.name not in USED_IF_THERE]
    sometimes = [f"-e{path}" for path in binaries if path.name in USED_IF_THERE]
    told = ask(["dpkg-shlibdeps", "-O", "--ignore-missing-info", *own,
                "-dDepends", *always, "-dSuggests", *sometimes], where=place)  # fmt: skip
    found = dict(re.findall(r"^shlibs:(\w+)=(.+)$", told, re.MULTILINE))
    if "Depends" not in found:
        raise RecipeError(f"dpkg-shlibdeps named no package: {told}")
    return found


def _nfpm(root: Path) -> dict[str, object]:
    return {
        "name": NAME,
        "arch": "amd64",
        "version": version(),
        "release": "1",
        "maintainer": MAINTAINER,
        "vendor": TITLE,
        "license": "LicenseRef-ask-the-author",
        "section": "database",
        "homepage": homepage(),
        "description": f"{SUMMARY}\n\n" + "\n\n".join(_DESCRIPTION),
        "depends": elf.requirements(root),
        "recommends": ["git"],
        "mtime": datetime.fromtimestamp(epoch(), UTC).isoformat(),
        "contents": [{"src": str(root / "usr"), "dst": "/usr", "type": "tree"}],
        "rpm": {"group": "Applications/Databases", "summary": SUMMARY, "compression": "xz",
                "buildhost": "localhost"},
    }  # fmt: skip


def _debian_changelog(number: str) -> bytes:
    """The changes of `CHANGELOG.md` that matter here: that there is this version."""
    moment = format_datetime(datetime.fromtimestamp(epoch(), UTC))
    return (
        f"{NAME} ({number}) unstable; urgency=medium\n\n"
        f"  * Version {number}; see CHANGELOG.md of the source for what changed.\n\n"
        f" -- {MAINTAINER}  {moment}\n"
    ).encode()


def _pack(target: Path, data: bytes) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as file, gzip.GzipFile("", "wb", 9, file, mtime=0) as packed:
        packed.write(data)


def _folded(paragraphs: tuple[str, ...]) -> str:
    """Paragraphs as a control file has them: indented, a dot between two."""
    return "\n .\n".join(f" {_wrapped(text)}" for text in paragraphs)


def _wrapped(text: str) -> str:
    lines, line = [], ""
    for word in text.split():
        if line and len(line) + len(word) > 76:
            lines.append(line)
            line = ""
        line = f"{line} {word}".strip()
    return "\n ".join([*lines, line])


def _day() -> str:
    return datetime.fromtimestamp(epoch(), UTC).date().isoformat()
