"""A websocket server with TLS that sends back what it gets, and ends with the message `stop`."""

import asyncio
import pathlib
import ssl

import websockets
from ompy.appmanager.communication import async_bridge_address
from ompy.appmanager.variables import TASK_PARAMS


async def echo(websocket, path, stop):
    try:
        async for message in websocket:
            print("server got", message)
            await websocket.send(message)
            if message == "stop":
                stop.set()
                break
    except websockets.ConnectionClosed:
        print("server: the connection was closed")


async def main():
    folder = pathlib.Path(TASK_PARAMS["applicationPath"])
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "bundle.crt", folder / "crt.key")
    stop = asyncio.Event()

    async def two_arguments(websocket, path):
        await echo(websocket, path, stop)

    async with websockets.serve(two_arguments, "127.0.0.1", 0, ssl=context) as server:
        port = server.sockets[0].getsockname()[1]
        async with websockets.connect(await async_bridge_address(TASK_PARAMS["parentPid"])) as parent:
            await parent.send(str(port))
        await stop.wait()
    print("server ends")


asyncio.run(main())
