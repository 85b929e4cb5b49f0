"""Messages to actors, progress and result."""

import asyncio

from ompy.appmanager import communication
from ompy.appmanager.variables import TASK_PARAMS
from ompy.errors import OmpyError

echo = TASK_PARAMS["scriptParams"]["echo"]
answer = communication.ask(echo, "echo", {"n": 1, "data": b"\x00\xff"})
print(answer.command, answer.body)
try:
    communication.ask("nobody_at_all", "hello")
except OmpyError as problem:
    print(problem.name)
communication.send(echo, "echo", "unanswered")


async def many():
    answers = await asyncio.gather(*(communication.async_ask(echo, "echo", n, 30) for n in range(100)))
    return sum(each.body for each in answers)


print("sum", asyncio.run(many()))
communication.set_progress(3, 4, "nearly")
communication.set_result({"sum": 4950})
