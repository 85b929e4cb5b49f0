"""Ends with an error, so that one can see how that looks: troupe run fail.py; echo $?"""

import sys

print("about to give up", file=sys.stderr)
sys.exit(3)
