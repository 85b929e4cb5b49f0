"""Sends back what comes over the bridge; `next` ends a client, `end` all."""

import asyncio

from ompy.appmanager.communication import async_wait_for_socket_from_web


async def main():
    while True:
        async with await async_wait_for_socket_from_web() as client:
            async for message in client:
                if message == "end":
                    return
                if message == "next":
                    await client.close(3000, "the next one")
                elif isinstance(message, str):
                    await client.write_text_message(message)
                else:
                    await client.write_binary_message(message)


asyncio.run(main())
