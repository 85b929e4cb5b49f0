import asyncio


async def main():
    process = await asyncio.create_subprocess_exec("sleep", "100")
    try:
        await asyncio.wait_for(process.wait(), timeout=0.2)
    except asyncio.TimeoutError:
        print("time-out, terminating")
        process.terminate()
        print(await process.wait())


asyncio.run(main())
