"""What the packaged `dbengine` runs."""

import sys

from surroundings import give_back

give_back()

from dbengine.cli import main  # noqa: E402 - the line above goes first

sys.exit(main())
