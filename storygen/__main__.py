"""``python -m storygen`` is ``storygen``."""

import sys

from storygen.cli import main

if __name__ == "__main__":
    sys.exit(main())
