"""`python -m ftcourse`."""
import sys

if sys.argv[1:2] == ["doctor"] and not getattr(sys.flags, "safe_path", False): del sys.path[0]  # the working folder: a json.py in it is for the doctor to name, not to load

from ftcourse.cli import main

sys.exit(main())
