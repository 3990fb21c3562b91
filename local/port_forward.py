"""Half of a tunnel between this machine's 127.0.0.1 and a container: `python port_forward.py in|out SOCKET PORT`.

`in` runs in the container: it takes connections on PORT and passes each on to the Unix socket. `out` runs on the
machine: it takes connections on the socket and passes each on to PORT of 127.0.0.1. Needs Python alone.
"""

import asyncio
import signal
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
_CHUNK = 65536


async def forward(direction: str, socket: str, port: int) -> None:
    """Serves until the process is ended."""
    if direction == "in":
        # Every address of the container's own network: no other machine is in it.
        server = await asyncio.start_server(
            _handler(lambda: asyncio.open_unix_connection(socket)),
            "0.0.0.0",  # noqa: S104
            port,
        )
    else:
        handler = _handler(lambda: asyncio.open_connection("127.0.0.1", port))
        server = await asyncio.start_unix_server(handler, socket)
    async with server:
        await server.serve_forever()


def _handler(connect: Callable[[], Awaitable[Streams]]) -> Callable[..., Awaitable[None]]:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await connect()
        await asyncio.gather(_copy(reader, far_writer), _copy(far_reader, writer))

    return handle


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while data := await reader.read(_CHUNK):
            writer.write(data)
            await writer.drain()
    writer.close()


if __name__ == "__main__":
    # The first process of a container ignores a signal that it does not handle.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    asyncio.run(forward(sys.argv[1], sys.argv[2], int(sys.argv[3])))
