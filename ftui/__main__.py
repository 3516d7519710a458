"""`python -m ftui` is the same as the `ftui` command."""

import sys

from ftui.cli import main

if __name__ == "__main__":
    sys.exit(main())
