"""What the packaged `dbengine-browser` runs."""

import sys

from surroundings import put_right

put_right()

from gui.__main__ import main  # noqa: E402 - the line above goes first

sys.exit(main())
