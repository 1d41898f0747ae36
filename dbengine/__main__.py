"""`python -m dbengine`: the command line."""

import sys

from dbengine.cli import main

if __name__ == "__main__":
    sys.exit(main())
