import asyncio
import math

import aiohttp
from ompy.appmanager.communication import async_bridge_address
from ompy.appmanager.variables import TASK_PARAMS


async def main():
    number = TASK_PARAMS["scriptParams"].get("factorial")
    address = (await async_bridge_address(TASK_PARAMS["parentPid"])).replace("ws://", "http://")
    async with aiohttp.ClientSession() as session:
        async with session.ws_connect(address) as socket:
            await socket.send_str(f"result is {math.factorial(number)}")


asyncio.run(main())
