"""A task with as many levels of children as its parameter says; the deepest ones wait."""

import time

from ompy.appmanager.communication import run_am_script
from ompy.appmanager.variables import TASK_PARAMS

params = TASK_PARAMS["scriptParams"]
levels = params["levels"]
if levels > 0:
    for _ in range(2):
        run_am_script("tree.py", {**params, "levels": levels - 1})
if levels == 0 or params.get("all_wait"):
    time.sleep(600)
