"""Prints a few lines with pauses between them, so that one can watch them come: troupe run hello.py"""

import time

for number in range(5):
    print(f"Hello, World! ({number})")
    time.sleep(0.5)
