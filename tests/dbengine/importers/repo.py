"""A small git repository that tests write into."""

from __future__ import annotations

import os
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

START = datetime(2024, 5, 6, 9, 0, tzinfo=UTC)


class Repo:
    """Each commit is a day after the one before, by the author that is named."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.date = START
        folder.mkdir(parents=True, exist_ok=True)
        self.git("init", "--quiet", "--initial-branch=main")

    def git(self, *arguments: str, author: str = "Ana Lima") -> str:
        stamp = self.date.isoformat()
        environment = {
            **os.environ,
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_AUTHOR_NAME": author,
            "GIT_AUTHOR_EMAIL": "someone@example.org",
            "GIT_AUTHOR_DATE": stamp,
            "GIT_COMMITTER_NAME": "Robot",
            "GIT_COMMITTER_EMAIL": "robot@example.org",
            "GIT_COMMITTER_DATE": stamp,
        }
        run = subprocess.run(
            ["git", *arguments],
            cwd=self.folder,
            env=environment,
            check=True,
            capture_output=True,
            text=True,
        )
        return run.stdout.strip()

    def commit(
        self,
        text: str | bytes | None,
        message: str,
        *,
        path: str = "data.json",
        author: str = "Ana",
    ) -> str:
        """Write the file (None: delete it) and commit; the id of the commit."""
        file = self.folder / path
        if text is None:
            file.unlink()
        else:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(text.encode() if isinstance(text, str) else text)
        return self.commit_all(message, author=author)

    def commit_all(self, message: str, *, author: str = "Ana") -> str:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty-message", "-m", message, author=author)
        self.date += timedelta(days=1)
        return self.git("rev-parse", "HEAD")
