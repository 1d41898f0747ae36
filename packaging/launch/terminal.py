"""What the packaged `dbengine` runs."""

import sys

from surroundings import put_right

put_right()

from dbengine.cli import main  # noqa: E402 - the line above goes first

sys.exit(main())
