from ompy.appmanager.observer import read_json_from_observer
from ompy.errors import CallTimeout

print("ready", flush=True)
while True:
    value = read_json_from_observer()
    print("got", repr(value))
    if value == "end":
        break
try:
    read_json_from_observer(timeout=0.05)
except CallTimeout:
    print("nothing more")
