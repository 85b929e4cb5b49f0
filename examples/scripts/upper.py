"""Reads lines until the input ends: printf 'one\\ntwo\\n' | troupe run upper.py"""

import sys

for line in sys.stdin:
    print(line.rstrip("\n").upper())
