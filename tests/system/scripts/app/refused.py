from ompy.appmanager.communication import run_am_script
from ompy.errors import OmpyError

for name in ("absent.py", "../outside.py", "/etc/passwd", "data.txt", ""):
    try:
        run_am_script(name)
        print(name, "was started")
    except OmpyError as problem:
        print(repr(name), problem.name)
