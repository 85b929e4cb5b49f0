"""Uses parameters and arguments: troupe run params.py --params '{"name": "Ada", "times": 3}' -- first second"""

import json
import os
import sys

task = json.loads(os.environ.get("TASK_PARAMS", "{}"))
params = task.get("scriptParams") or {}

print("arguments:", sys.argv[1:])
for _ in range(int(params.get("times", 1))):
    print("Hello,", params.get("name", "World"))

# The run's own folder is the working directory; what is written here stays with the run.
with open("result.json", "w", encoding="utf-8") as file:
    json.dump({"greeted": params.get("name", "World")}, file)
print("wrote", os.path.join(task.get("outputPath", os.getcwd()), "result.json"))
