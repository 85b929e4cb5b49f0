"""Asks that take a while, one after the other, until `end` comes."""

from ompy.appmanager.communication import ask
from ompy.appmanager.observer import read_json_from_observer
from ompy.errors import CallTimeout, OmpyError

print("ready", flush=True)
answered = 0
while True:
    try:
        answer = ask("slow", "sleep_for", {"seconds": 0.3}, 30)
        assert answer.command == "slept", answer
        answered += 1
        print("answered", answered, flush=True)
    except OmpyError as problem:
        print("lost", problem.name, flush=True)
    try:
        if read_json_from_observer(timeout=0.01) == "end":
            break
    except CallTimeout:
        pass
print("ends")
