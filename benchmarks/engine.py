"""DbEngine side by side with what a user would pick instead, as a report in markdown.

python benchmarks/engine.py [--quick] [--only NAME…] [--folder DIR] [--out FILE.md]
                            [--real REPOSITORY] [--peers NAME…] [--seconds N]
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.run import main

if __name__ == "__main__":
    main()
