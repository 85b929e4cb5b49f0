import math

from ompy.appmanager.communication import bridge_address
from ompy.appmanager.variables import TASK_PARAMS
from tiny_ws import TinyWs

number = TASK_PARAMS["scriptParams"]["factorial"]
socket = TinyWs(bridge_address(TASK_PARAMS["parentPid"]))
socket.send(f"result is {math.factorial(number)}")
socket.close()
