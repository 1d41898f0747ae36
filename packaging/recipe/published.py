"""What is published beside the installers: wheel, source, the list of parts, and checksums."""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from recipe import environments
from recipe.facts import DIST, NAME, WORK, epoch, run, say, version
from recipe.licences import bundled_distributions


def python_packages() -> None:
    """The wheel and the source distribution, checked as a registry would."""
    folder = WORK / "python"
    shutil.rmtree(folder, ignore_errors=True)
    run([environments.tools(), "-m", "build", "--outdir", folder])
    made = sorted(folder.iterdir())
    run(
        [
            environments.tool("check-wheel-contents"),
            *(path for path in made if path.suffix == ".whl"),
        ]
    )
    run([environments.tool("twine"), "check", "--strict", *made])
    DIST.mkdir(exist_ok=True)
    for path in made:
        shutil.copy(path, DIST)


def sbom() -> Path:
    """The parts of the bundle, in CycloneDX's JSON: only what is really in it."""
    everything = WORK / "environment.cdx.json"
    run([environments.tool("cyclonedx-py"), "environment", "--output-reproducible",
         "--of", "JSON", "-o", everything, environments.program()])  # fmt: skip
    told = narrowed(json.loads(everything.read_text(encoding="utf-8")))
    DIST.mkdir(exist_ok=True)
    target = DIST / f"{NAME}-{version()}-{sys.platform}.cdx.json"
    target.write_text(json.dumps(told, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    return target


def narrowed(told: dict[str, Any]) -> dict[str, Any]:
    """An environment's list of parts without the tools, and with Python and Qt themselves."""
    bundled = {_normal(name) for name in bundled_distributions()}
    parts = [part for part in told["components"] if _normal(part["name"]) in bundled]
    kept = {part["bom-ref"] for part in parts}
    qt = next(part["version"] for part in parts if _normal(part["name"]) == "pyside6-essentials")
    python = ".".join(map(str, sys.version_info[:3]))
    parts += [_part("Python", python, "PSF-2.0"), _part("Qt", qt, "LGPL-3.0-only")]
    moment = datetime.fromtimestamp(epoch(), UTC).isoformat()
    about = {"type": "application", "name": NAME, "version": version(), "bom-ref": NAME}
    return {
        **{key: value for key, value in told.items() if key != "serialNumber"},
        "components": parts,
        "dependencies": [
            {**each, "dependsOn": [ref for ref in each.get("dependsOn", []) if ref in kept]}
            for each in told.get("dependencies", [])
            if each["ref"] in kept
        ],
        "metadata": {**told["metadata"], "component": about, "timestamp": moment},
    }


def _part(name: str, number: str, terms: str) -> dict[str, Any]:
    return {
        "type": "framework",
        "name": name,
        "version": number,
        "bom-ref": f"{name}=={number}",
        "licenses": [{"license": {"id": terms}}],
    }


def _normal(name: str) -> str:
    """A name as the package registry compares it."""
    return name.lower().replace("_", "-")


def checksums() -> Path:
    """`SHA256SUMS` of everything in dist/, as `sha256sum --check` reads it."""
    target = DIST / "SHA256SUMS"
    files = [path for path in sorted(DIST.iterdir()) if path.is_file() and path != target]
    target.write_text(
        "".join(f"{_sha256(path)}  {path.name}\n" for path in files), encoding="utf-8"
    )
    say(f"{target} names {len(files)} files.")
    return target


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
