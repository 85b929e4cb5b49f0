import asyncio
import ssl

import websockets
from ompy.appmanager.variables import TASK_PARAMS


async def main():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    address = f"wss://127.0.0.1:{TASK_PARAMS['scriptParams']['port']}"
    async with websockets.connect(address, ssl=context) as websocket:
        for message in ("hello", "stop"):
            await websocket.send(message)
            print("client got", await websocket.recv())


asyncio.run(main())
