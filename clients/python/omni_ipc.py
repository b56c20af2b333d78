"""A client for omni-ipc's and node-ipc's servers: one module, no dependencies, Python 3.9 or later.

    import asyncio, omni_ipc

    async def main() -> None:
        client = await omni_ipc.connect("unix:/tmp/app.world")
        client.on("message", print)
        client.emit("message", "hello")
        print(await client.request("add", [2, 40]))
        await client.close()

    asyncio.run(main())

`Client` is for asyncio; `BlockingClient` has the same methods for programs without an event loop. Both reconnect when the
connection is lost, and keep what is emitted in the meantime. `Decoder` and `encode` are the wire alone, without sockets.
docs/wire.md specifies the bytes.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import inspect
import json
import re
import threading
import time
from collections import deque
from dataclasses import dataclass
from typing import Any, Awaitable, Callable, Deque, Dict, List, Optional, Sequence, Set, Tuple, Union

__all__ = ["BlockingClient", "Client", "Decoder", "IPCError", "LengthDecoder", "Packet", "connect", "encode"]

MEBIBYTE = 1024 * 1024
MAX_DEPTH = 500

_SYNTAX = frozenset('{}[]:,"\\ \t\r\n0123456789+-.eEtrufalsnbcd')
_SURROGATE = re.compile("[\ud800-\udfff]")
_CHUNK = 65536
_LEAVE = 2.0

Id = Union[int, float, str]
Handler = Callable[[Any], Any]
TopicHandler = Callable[[Any, str], Any]


class IPCError(Exception):
    """An error. `code` is one of omni-ipc's ERR_IPC_* codes, or the code of a handler's error."""

    def __init__(self, code: str, message: str, name: str = "IPCError", issues: Optional[List[Any]] = None) -> None:
        super().__init__(message)
        self.code = code
        self.name = name
        self.message = message
        self.issues = issues

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


@dataclass
class Packet:
    """One frame. A request has an `id`, and an answer has a `re`. An answer that refuses the request has an `error`."""

    type: str
    data: Any = None
    id: Optional[Id] = None
    re: Optional[Id] = None
    error: Optional[Dict[str, Any]] = None


Decoded = Union[Packet, IPCError]


def encode(packet: Packet, delimiter: str = "\f") -> bytes:
    """Returns the bytes of a packet.

    Raises IPCError ERR_IPC_ENCODE if the data is not JSON (NaN, a set, a cycle), or nests deeper than 500 levels.
    """
    data = {} if packet.error is not None and packet.data is None else packet.data
    members = [f'"type":{_dumps(packet.type)}', f'"data":{_dumps(data)}']
    if packet.id is not None:
        members.append(f'"id":{_dumps(packet.id)}')
    if packet.re is not None:
        members.append(f'"re":{_dumps(packet.re)}')
    if packet.error is not None:
        members.append(f'"error":{_dumps(packet.error)}')
    text = "{" + ",".join(members) + "}"
    if delimiter in text:
        safe = _safe_character(delimiter)
        text = text.replace(safe, _escaped(safe))
    return (text + delimiter).encode("utf-8")


def _dumps(value: Any) -> str:
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    except (TypeError, ValueError, RecursionError) as error:
        raise IPCError("ERR_IPC_ENCODE", f"The data is not JSON: {error}") from error
    if _nests_too_deep(value, text):
        raise IPCError("ERR_IPC_ENCODE", f"The data nests more than {MAX_DEPTH - 1} levels deep")
    return _SURROGATE.sub(lambda match: f"\\u{ord(match.group()):04x}", text)


def _safe_character(delimiter: str) -> str:
    """Returns the first character of a delimiter that JSON has only inside strings, where it can be escaped."""
    for character in delimiter:
        if character < " " or character not in _SYNTAX:
            return character
    raise IPCError("ERR_IPC_CONFIG", f"{delimiter!r} cannot delimit JSON; use '\\f', '\\n', '||' or '\\0\\0'")


def _escaped(character: str) -> str:
    units = character.encode("utf-16-be")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))


def _nests_too_deep(value: Any, text: str) -> bool:
    if text.count("[") + text.count("{") < MAX_DEPTH:
        return False
    level = [value]
    for _ in range(MAX_DEPTH):
        inner: List[Any] = []
        for one in level:
            members = one.values() if isinstance(one, dict) else one
            inner.extend(member for member in members if isinstance(member, (dict, list, tuple)) and member)
        if not inner:
            return False
        level = inner
    return True


def _is_id(value: Any) -> bool:
    return isinstance(value, (int, float, str)) and not isinstance(value, bool)


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _integer(digits: str) -> Union[int, float]:
    return int(digits) if len(digits) < 400 else float(digits)


def _malformed(why: str) -> IPCError:
    return IPCError("ERR_IPC_DECODE", f"A frame was dropped: {why}")


def parse(frame: bytes) -> Decoded:
    """Returns the packet of one frame without its delimiter, or an error if the frame is invalid."""
    try:
        value = json.loads(frame.decode("utf-8", "replace"), parse_constant=_no_constant, parse_int=_integer)
    except (ValueError, RecursionError) as error:
        return _malformed(f"it is not JSON ({type(error).__name__} in {len(frame)} bytes)")
    if not isinstance(value, dict) or not isinstance(value.get("type"), str):
        return _malformed('it has no "type" that is a string')
    if _nests_too_deep(value, frame.decode("latin-1")):
        return _malformed(f"it nests more than {MAX_DEPTH} levels deep")
    packet = Packet(value["type"], value.get("data"))
    if _is_id(value.get("re")):
        packet.re = value["re"]
        refusal = value.get("error")
        if refusal is not None:
            packet.error = refusal if isinstance(refusal, dict) else {}
    elif _is_id(value.get("id")):
        packet.id = value["id"]
    return packet


class Decoder:
    """Decodes the bytes of one connection into packets, whatever the chunks."""

    def __init__(self, delimiter: str = "\f", max_message_size: int = 64 * MEBIBYTE) -> None:
        _safe_character(delimiter)
        self._delimiter = delimiter.encode("utf-8")
        self._limit = max_message_size
        self._held = bytearray()
        self._seen = 0
        self._first = True

    @property
    def buffered(self) -> int:
        """The number of bytes that it holds of an incomplete frame."""
        return len(self._held)

    def feed(self, chunk: bytes) -> List[Decoded]:
        """Returns the packets that a chunk completes, in order. An invalid frame is an IPCError in the list.

        Raises IPCError ERR_IPC_TOO_LARGE when a frame is longer than `max_message_size`; the connection is of no more use
        then. Use `packets` where those before it matter.
        """
        return list(self.packets(chunk))

    def packets(self, chunk: bytes):  # type: ignore[no-untyped-def]
        """Like `feed`, as a generator."""
        held, delimiter = self._held, self._delimiter
        held += chunk
        width = len(delimiter)
        start = 0
        while True:
            end = held.find(delimiter, max(start, self._seen))
            if end == -1:
                break
            frame = bytes(held[start:end])
            if len(frame) > self._limit:
                del held[:start]
                raise self._too_large()
            start = end + width
            self._seen = 0
            if self._first:
                self._first = False
                if frame.startswith(b"\xef\xbb\xbf"):
                    frame = frame[3:]
            if frame:
                yield parse(frame)
        del held[:start]
        self._seen = max(0, len(held) - width + 1)
        if self._seen > self._limit:
            raise self._too_large()

    def _too_large(self) -> IPCError:
        return IPCError("ERR_IPC_TOO_LARGE", f"A frame is longer than {self._limit} bytes")


class LengthDecoder:
    """Decodes messages that are each preceded by their length in four bytes."""

    def __init__(self, byteorder: str = "little", max_message_size: int = 64 * MEBIBYTE) -> None:
        self._order = byteorder
        self._limit = max_message_size
        self._held = bytearray()

    @property
    def buffered(self) -> int:
        """The number of bytes that it holds of an incomplete message."""
        return len(self._held)

    def packets(self, chunk: bytes):  # type: ignore[no-untyped-def]
        """Yields the messages that a chunk completes. Raises IPCError ERR_IPC_TOO_LARGE."""
        held = self._held
        held += chunk
        while len(held) >= 4:
            size = int.from_bytes(held[:4], self._order)  # type: ignore[arg-type]
            if size > self._limit:
                raise IPCError("ERR_IPC_TOO_LARGE", f"A message is longer than {self._limit} bytes")
            if len(held) < 4 + size:
                return
            message = bytes(held[4 : 4 + size])
            del held[: 4 + size]
            yield Packet("data", message)


class RawDecoder:
    """Delivers chunks as they come."""

    buffered = 0

    def packets(self, chunk: bytes):  # type: ignore[no-untyped-def]
        """Yields the chunk."""
        yield Packet("data", chunk)


def _parse_address(address: str) -> Tuple[Optional[str], str, int]:
    """Returns (path, host, port): either a path, or a host and a port."""
    if address.startswith(("/", ".")):
        return address, "", 0
    if address.startswith("unix:"):
        return address[7:] if address.startswith("unix://") else address[5:], "", 0
    match = re.match(r"^tcp://(?:\[([^\]]+)\]|([^:/]+)):(\d{1,5})/?$", address)
    if match is None or int(match.group(3)) > 65535:
        raise IPCError("ERR_IPC_ADDRESS", f"{address!r} is not an address; give unix:/tmp/app.world or tcp://host:port")
    return None, match.group(1) or match.group(2), int(match.group(3))


def _event_name(name: str) -> str:
    if not isinstance(name, str) or name.startswith("ipc:"):
        raise IPCError("ERR_IPC_ARGUMENT", f"{name!r} is not a name for an event: it must be a str without 'ipc:' in front")
    return name


@dataclass
class _Open:
    future: "asyncio.Future[Any]"
    sent: bool


class Client:
    """A client of one server, which reconnects when its connection is lost. It runs in the current event loop.

    address             "unix:/tmp/app.world" or "tcp://host:port"
    retry               seconds until the next attempt after a lost connection or a failed attempt
    max_retries         the number of consecutive attempts that may fail; None for any number
    request_timeout     seconds that a request waits for its answer; None waits forever
    message_timeout     seconds without a byte of an incomplete frame until the connection ends; None for never
    max_message_size    the longest frame that is accepted, in bytes
    max_pending_bytes   the most bytes that may wait to be sent
    delimiter           the end of each frame (json)
    framing             "json", or for servers with `rawBuffer`: "raw" or "length-prefixed"
    byteorder           the byte order of the lengths (length-prefixed): "little" or "big"

    on_connect(), on_disconnect(reason) and on_error(IPCError) are called if they are set. A server cannot trigger them by an
    event.
    """

    def __init__(
        self,
        address: str,
        *,
        retry: float = 0.5,
        max_retries: Optional[int] = None,
        request_timeout: Optional[float] = 10.0,
        message_timeout: Optional[float] = 30.0,
        max_message_size: int = 64 * MEBIBYTE,
        max_pending_bytes: int = 64 * MEBIBYTE,
        delimiter: str = "\f",
        framing: str = "json",
        byteorder: str = "little",
    ) -> None:
        if framing not in ("json", "raw", "length-prefixed") or byteorder not in ("little", "big"):
            raise IPCError("ERR_IPC_CONFIG", "framing is json, raw or length-prefixed; byteorder is little or big")
        _safe_character(delimiter)
        self._path, self._host, self._port = _parse_address(address)
        self.address = address
        self.on_connect: Optional[Callable[[], Any]] = None
        self.on_disconnect: Optional[Callable[[Any], Any]] = None
        self.on_error: Optional[Callable[[IPCError], Any]] = None
        self._retry = retry
        self._max_retries = max_retries
        self._request_timeout = request_timeout
        self._message_timeout = message_timeout
        self._max_message_size = max_message_size
        self._max_pending = max_pending_bytes
        self._delimiter = delimiter
        self._framing = framing
        self._byteorder = byteorder
        self._handlers: Dict[str, List[Handler]] = {}
        self._answerers: Dict[str, Handler] = {}
        self._topics: Dict[str, List[TopicHandler]] = {}
        self._open: Dict[Id, _Open] = {}
        self._last_id = 0
        self._queue: Deque[Tuple[bytes, Optional[int]]] = deque()
        self._queued = 0
        self._writer: Optional[asyncio.StreamWriter] = None
        self._tasks: Set["asyncio.Task[Any]"] = set()
        self._life: Optional["asyncio.Task[None]"] = None
        self._up: Optional["asyncio.Future[None]"] = None
        self._closing = False
        self._farewell: Optional[Dict[str, Any]] = None
        self._introduced = False

    # Connecting and leaving

    async def connect(self) -> "Client":
        """Connects, and waits until the connection is open.

        Raises IPCError ERR_IPC_CONNECT when `max_retries` consecutive attempts have failed. Without `max_retries` it waits
        forever.
        """
        if self._life is None or self._life.done():
            self._closing = False
            self._up = asyncio.get_running_loop().create_future()
            self._life = asyncio.ensure_future(self._live())
        assert self._up is not None
        await asyncio.shield(self._up)
        return self

    @property
    def connected(self) -> bool:
        """Whether the client is connected at present."""
        return self._writer is not None

    async def close(self, reason: Any = None) -> None:
        """Sends queued messages and, with a reason, a bye. Then closes the client for good. Open requests are rejected."""
        self._closing = True
        writer = self._writer
        if writer is not None:
            if reason is not None and self._framing == "json":
                self._write(encode(Packet("ipc:bye", {"reason": reason, "reconnect": False}), self._delimiter))
            try:
                await writer.drain()
                if writer.can_write_eof():
                    writer.write_eof()
            except (OSError, RuntimeError):
                pass
        if self._life is not None:
            if writer is None:
                self._life.cancel()
            try:
                await asyncio.wait_for(asyncio.shield(self._life), 5)
            except (asyncio.TimeoutError, asyncio.CancelledError):
                self._life.cancel()
            self._end(IPCError("ERR_IPC_CLOSED", "The client was closed"))
        for task in list(self._tasks):
            task.cancel()

    async def __aenter__(self) -> "Client":
        return await self.connect()

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    # Events

    def on(self, type: str, handler: Handler) -> None:
        """Calls `handler(data)` for each event of a type. It may be a coroutine function. Raw data have the type "data"."""
        self._handlers.setdefault(type, []).append(handler)

    def off(self, type: str, handler: Handler) -> None:
        """Removes a handler of `on`."""
        handlers = self._handlers.get(type, [])
        if handler in handlers:
            handlers.remove(handler)

    def emit(self, type: str, data: Any = None) -> None:
        """Sends an event, now or when there is a connection.

        Raises IPCError ERR_IPC_ENCODE, ERR_IPC_BACKPRESSURE if too many bytes wait, ERR_IPC_CLOSED.
        """
        self._say(Packet(_event_name(type), data))

    def send(self, data: bytes) -> None:
        """Sends bytes (framing "raw" and "length-prefixed"), now or when there is a connection. Raises the same as `emit`."""
        if self._framing == "json":
            raise IPCError("ERR_IPC_UNSUPPORTED", "send() is for framing='raw' and 'length-prefixed'; use emit()")
        if self._framing == "length-prefixed":
            data = len(data).to_bytes(4, self._byteorder) + data  # type: ignore[arg-type]
        self._post(data, None)

    async def drain(self) -> None:
        """Waits until the connection accepts more data."""
        if self._writer is not None:
            await self._writer.drain()

    # Requests

    async def request(self, type: str, data: Any = None, timeout: Optional[float] = -1) -> Any:
        """Sends a request to the server, and returns the answer of its handler.

        Raises IPCError: ERR_IPC_TIMEOUT, ERR_IPC_DISCONNECTED, ERR_IPC_NO_HANDLER, or the error of the handler.
        """
        return await self._ask(_event_name(type), data, timeout)

    def handle(self, type: str, handler: Handler) -> None:
        """Answers the server's requests of a type with the result of `handler(data)`, or with the error that it raises."""
        self._answerers[_event_name(type)] = handler

    async def ping(self, timeout: Optional[float] = -1) -> float:
        """Returns the round-trip time to the server, in seconds."""
        since = time.perf_counter()
        await self._ask("ipc:ping", {}, timeout)
        return time.perf_counter() - since

    # Topics

    async def subscribe(self, topic: str, handler: TopicHandler) -> None:
        """Calls `handler(data, topic)` for each message under a topic or pattern ("a.*", "a.>").

        The subscription continues after a reconnect. Raises IPCError ERR_IPC_ARGUMENT if the topic is invalid.
        """
        handlers = self._topics.setdefault(topic, [])
        handlers.append(handler)
        if len(handlers) > 1:
            return
        try:
            await self._ask("ipc:subscribe", [topic], -1)
        except IPCError as error:
            if error.code not in ("ERR_IPC_DISCONNECTED", "ERR_IPC_TIMEOUT"):
                self._topics.pop(topic, None)
                raise

    async def unsubscribe(self, topic: str, handler: Optional[TopicHandler] = None) -> None:
        """Removes one handler of a topic, or all."""
        handlers = self._topics.get(topic, [])
        if handler in handlers:
            handlers.remove(handler)
        if handlers and handler is not None:
            return
        if self._topics.pop(topic, None) is not None:
            await self._ask("ipc:unsubscribe", [topic], -1)

    def publish(self, topic: str, data: Any = None) -> None:
        """Sends a message to all subscribers of a topic. Raises the same as `emit`."""
        self._say(Packet("ipc:publish", {"topic": topic, "data": data}))

    # Internals

    async def _ask(self, type: str, data: Any, timeout: Optional[float]) -> Any:
        self._last_id += 1
        id = self._last_id
        future: "asyncio.Future[Any]" = asyncio.get_running_loop().create_future()
        self._open[id] = _Open(future, False)
        limit = self._request_timeout if timeout == -1 else timeout
        try:
            self._say(Packet(type, data, id=id))
            return await asyncio.wait_for(future, limit)
        except asyncio.TimeoutError:
            raise IPCError("ERR_IPC_TIMEOUT", f"No answer to {type} within {limit} s") from None
        finally:
            self._open.pop(id, None)
            if self._writer is None:
                self._forget(id)

    def _forget(self, id: Id) -> None:
        for entry in list(self._queue):
            if entry[1] == id:
                self._queue.remove(entry)
                self._queued -= len(entry[0])

    def _say(self, packet: Packet) -> None:
        if self._framing != "json":
            raise IPCError("ERR_IPC_UNSUPPORTED", f"With framing={self._framing!r} there are only bytes; use send()")
        id = packet.id if isinstance(packet.id, int) else None
        self._post(encode(packet, self._delimiter), id)

    def _post(self, data: bytes, id: Optional[int]) -> None:
        if self._closing:
            raise IPCError("ERR_IPC_CLOSED", "The client was closed")
        if self._writer is not None:
            if self._writer.transport.get_write_buffer_size() + len(data) > self._max_pending:
                raise IPCError("ERR_IPC_BACKPRESSURE", f"More than {self._max_pending} bytes wait to be sent")
            self._write(data)
            if id in self._open:
                self._open[id].sent = True
        elif self._queued + len(data) > self._max_pending:
            raise IPCError("ERR_IPC_BACKPRESSURE", f"More than {self._max_pending} bytes wait for a connection")
        else:
            self._queue.append((data, id))
            self._queued += len(data)

    def _write(self, data: bytes) -> None:
        if self._writer is not None and not self._writer.transport.is_closing():
            self._writer.write(data)

    async def _live(self) -> None:
        attempts = 0
        while not self._closing:
            try:
                if self._path is not None:
                    reader, writer = await asyncio.open_unix_connection(self._path)
                else:
                    reader, writer = await asyncio.open_connection(self._host, self._port)
            except OSError as error:
                self._report(IPCError("ERR_IPC_CONNECT", f"{self.address} does not answer: {error}"))
                if self._max_retries is not None and attempts >= self._max_retries:
                    self._end(IPCError("ERR_IPC_CONNECT", f"{self.address} does not answer after {attempts + 1} attempts"))
                    return
            else:
                attempts = 0
                await self._session(reader, writer)
                farewell = self._farewell or {}
                if farewell.get("reconnect") is False:
                    code = farewell.get("code")
                    reason = farewell.get("reason")
                    self._end(IPCError(code if isinstance(code, str) else "ERR_IPC_CLOSED", f"The server said: {reason}"))
                    return
            if self._closing:
                break
            attempts += 1
            await asyncio.sleep(self._retry)
        self._end(IPCError("ERR_IPC_CLOSED", "The client was closed"))

    async def _session(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        self._farewell = None
        self._introduced = False
        if self._topics:
            self._last_id += 1
            self._write(encode(Packet("ipc:subscribe", list(self._topics), id=self._last_id), self._delimiter))
        while self._queue:
            data, id = self._queue.popleft()
            self._queued -= len(data)
            self._write(data)
            if id in self._open:
                self._open[id].sent = True
        if self._up is not None and not self._up.done():
            self._up.set_result(None)
        self._call(self.on_connect)
        try:
            await self._read(reader)
        except OSError as error:
            self._report(IPCError("ERR_IPC_SOCKET", f"The connection broke: {error}"))
        except IPCError as error:
            self._report(error)
            bye = {"reason": error.message, "code": error.code, "reconnect": True}
            if self._framing == "json":
                self._write(encode(Packet("ipc:bye", bye), self._delimiter))
            await self._linger(reader, writer)
        self._writer = None
        writer.close()
        try:
            await asyncio.wait_for(writer.wait_closed(), 1)
        except (OSError, asyncio.TimeoutError):
            writer.transport.abort()
        lost = IPCError("ERR_IPC_DISCONNECTED", "The connection was lost before the answer came")
        for one in list(self._open.values()):
            if one.sent and not one.future.done():
                one.future.set_exception(lost)
        self._call(self.on_disconnect, self._reason())

    def _reason(self) -> Any:
        return None if self._farewell is None else self._farewell.get("reason")

    async def _linger(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Ends this side, and reads until the other side has ended too, because the system discards unsent output of a
        socket that is closed with unread bytes."""

        async def drop() -> None:
            while await reader.read(_CHUNK):
                pass

        try:
            writer.write_eof()
            await asyncio.wait_for(drop(), _LEAVE)
        except (OSError, RuntimeError, asyncio.TimeoutError):
            pass

    async def _read(self, reader: asyncio.StreamReader) -> None:
        decoder: Any
        if self._framing == "json":
            decoder = Decoder(self._delimiter, self._max_message_size)
        elif self._framing == "raw":
            decoder = RawDecoder()
        else:
            decoder = LengthDecoder(self._byteorder, self._max_message_size)
        while True:
            limit = self._message_timeout if decoder.buffered else None
            try:
                chunk = await asyncio.wait_for(reader.read(_CHUNK), limit)
            except asyncio.TimeoutError:
                raise IPCError("ERR_IPC_TIMEOUT", f"The rest of a frame did not arrive within {limit} s") from None
            if not chunk:
                if decoder.buffered and not self._closing:
                    self._report(_malformed("the connection ended inside it"))
                return
            for packet in decoder.packets(chunk):
                self._take(packet)
            if self._writer is not None and self._writer.transport.get_write_buffer_size() > self._max_pending:
                raise IPCError("ERR_IPC_BACKPRESSURE", "The server does not read the answers to what it asks")

    def _take(self, packet: Decoded) -> None:
        if isinstance(packet, IPCError):
            self._report(packet)
        elif packet.re is not None:
            self._settle(packet)
        elif packet.type.startswith("ipc:") and self._framing == "json":
            self._control(packet)
        elif packet.id is not None and (self._introduced or packet.type in self._answerers):
            self._spawn(self._answer(packet))
        else:
            for handler in list(self._handlers.get(packet.type, ())):
                self._call(handler, packet.data)

    def _settle(self, packet: Packet) -> None:
        self._introduced = True
        one = self._open.get(packet.re)  # type: ignore[arg-type]
        if one is None or one.future.done():
            return
        if packet.error is None:
            one.future.set_result(packet.data)
            return
        refusal = packet.error
        code, message, name, issues = (refusal.get(key) for key in ("code", "message", "name", "issues"))
        error = IPCError(
            code if isinstance(code, str) else "ERR_IPC_REMOTE",
            message if isinstance(message, str) else "The server refused the request and gave no reason",
            name if isinstance(name, str) else "Error",
            issues if isinstance(issues, list) else None,
        )
        one.future.set_exception(error)

    def _control(self, packet: Packet) -> None:
        self._introduced = True
        data = packet.data if isinstance(packet.data, dict) else {}
        if packet.type == "ipc:ping":
            if packet.id is not None:
                self._write(encode(Packet("ipc:ping", {}, re=packet.id), self._delimiter))
        elif packet.type == "ipc:bye":
            self._farewell = data
        elif packet.type == "ipc:message":
            self._hear(data)
        elif packet.id is not None:
            self._refuse(packet, IPCError("ERR_IPC_NO_HANDLER", f"The client has no handler for {packet.type[:80]}"))

    def _hear(self, message: Dict[str, Any]) -> None:
        topic = message.get("topic")
        if not isinstance(topic, str):
            return
        words = topic.split(".")
        for pattern, handlers in list(self._topics.items()):
            if _fits(pattern.split("."), words):
                for handler in list(handlers):
                    self._call(handler, message.get("data"), topic)

    async def _answer(self, packet: Packet) -> None:
        handler = self._answerers.get(packet.type)
        if handler is None:
            self._refuse(packet, IPCError("ERR_IPC_NO_HANDLER", f"The client has no handler for the request {packet.type[:80]}"))
            return
        try:
            answer = handler(packet.data)
            if inspect.isawaitable(answer):
                answer = await answer
            self._write(encode(Packet(packet.type, answer, re=packet.id), self._delimiter))
        except Exception as error:  # A handler may raise any exception, which is sent back.
            self._refuse(packet, error)

    def _refuse(self, packet: Packet, error: Exception) -> None:
        packed: Dict[str, Any] = {"name": getattr(error, "name", None) or type(error).__name__}
        packed["message"] = error.message if isinstance(error, IPCError) else str(error)
        if isinstance(getattr(error, "code", None), str):
            packed["code"] = error.code  # type: ignore[attr-defined]
        self._write(encode(Packet(packet.type, re=packet.id, error=packed), self._delimiter))

    def _call(self, handler: Optional[Callable[..., Any]], *args: Any) -> None:
        """Calls a function of the program. The loop's exception handler gets what it raises; the client continues."""
        if handler is None:
            return
        try:
            result = handler(*args)
            if inspect.isawaitable(result):
                self._spawn(result)
        except Exception as error:
            context = {"message": "A handler of an omni-ipc client raised", "exception": error}
            asyncio.get_running_loop().call_exception_handler(context)

    def _spawn(self, work: Awaitable[Any]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _report(self, error: IPCError) -> None:
        self._call(self.on_error, error)

    def _end(self, error: IPCError) -> None:
        self._closing = True
        self._queue.clear()
        self._queued = 0
        for one in list(self._open.values()):
            if not one.future.done():
                one.future.set_exception(error)
        if self._up is not None and not self._up.done():
            self._up.set_exception(error)
            self._up.exception()


def _fits(pattern: Sequence[str], words: Sequence[str]) -> bool:
    """Returns whether the words of a topic match a pattern: `*` is one word, `>` at the end is one or more."""
    for at, word in enumerate(pattern):
        if word == ">":
            return len(words) > at
        if at >= len(words) or word not in ("*", words[at]):
            return False
    return len(pattern) == len(words)


async def connect(address: str, **options: Any) -> Client:
    """Returns a connected `Client`. The options are those of `Client`."""
    return await Client(address, **options).connect()


class BlockingClient:
    """A `Client` for programs without an event loop. The connection has its own thread.

    Event and topic handlers are called one after the other in a second thread, request handlers in up to eight more, so
    that each may block and may use the client. Options, errors and methods are those of `Client`.
    """

    def __init__(self, address: str, **options: Any) -> None:
        self._loop = asyncio.new_event_loop()
        self._events = concurrent.futures.ThreadPoolExecutor(1, "omni-ipc-events")
        self._requests = concurrent.futures.ThreadPoolExecutor(8, "omni-ipc-requests")
        self._thread = threading.Thread(target=self._loop.run_forever, name="omni-ipc", daemon=True)
        self._thread.start()
        try:
            self._client: Client = self._run(self._make(address, options))
        except BaseException:
            self._stop()
            raise

    def connect(self, timeout: Optional[float] = None) -> "BlockingClient":
        """Like `Client.connect`. Raises IPCError ERR_IPC_TIMEOUT after `timeout` seconds; the client continues to try."""
        try:
            self._run(asyncio.wait_for(self._client.connect(), timeout))
        except (asyncio.TimeoutError, concurrent.futures.TimeoutError):
            raise IPCError("ERR_IPC_TIMEOUT", f"{self._client.address} did not answer within {timeout} s") from None
        return self

    def on_error(self, handler: Callable[[IPCError], Any]) -> None:
        """Calls `handler(error)` for each error, in the thread of the events."""
        self._now(setattr, self._client, "on_error", self._queued(handler))

    @property
    def connected(self) -> bool:
        """Whether the client is connected at present."""
        return self._client.connected

    def on(self, type: str, handler: Handler) -> None:
        """Like `Client.on`. The handler runs in another thread."""
        self._now(self._client.on, type, self._queued(handler))

    def emit(self, type: str, data: Any = None) -> None:
        """Like `Client.emit`."""
        self._now(self._client.emit, type, data)

    def send(self, data: bytes) -> None:
        """Like `Client.send`."""
        self._now(self._client.send, data)

    def request(self, type: str, data: Any = None, timeout: Optional[float] = -1) -> Any:
        """Like `Client.request`."""
        return self._run(self._client.request(type, data, timeout))

    def handle(self, type: str, handler: Handler) -> None:
        """Like `Client.handle`. The handler runs in another thread."""

        async def answer(data: Any) -> Any:
            return await self._loop.run_in_executor(self._requests, handler, data)

        self._now(self._client.handle, type, answer)

    def ping(self, timeout: Optional[float] = -1) -> float:
        """Like `Client.ping`."""
        return float(self._run(self._client.ping(timeout)))

    def subscribe(self, topic: str, handler: TopicHandler) -> None:
        """Like `Client.subscribe`. The handler runs in another thread."""
        self._run(self._client.subscribe(topic, self._queued(handler)))

    def unsubscribe(self, topic: str) -> None:
        """Removes all subscriptions of a topic."""
        self._run(self._client.unsubscribe(topic))

    def publish(self, topic: str, data: Any = None) -> None:
        """Like `Client.publish`."""
        self._now(self._client.publish, topic, data)

    def close(self, reason: Any = None) -> None:
        """Like `Client.close`. Also ends the threads."""
        if self._loop.is_closed():
            return
        self._run(self._client.close(reason))
        self._stop()

    def __enter__(self) -> "BlockingClient":
        return self.connect()

    def __exit__(self, *_: object) -> None:
        self.close()

    @staticmethod
    async def _make(address: str, options: Dict[str, Any]) -> Client:
        return Client(address, **options)

    def _queued(self, handler: Callable[..., Any]) -> Callable[..., Any]:
        async def call(*args: Any) -> None:
            await self._loop.run_in_executor(self._events, handler, *args)

        return call

    def _run(self, work: Awaitable[Any]) -> Any:
        async def finish() -> Any:
            return await work

        return asyncio.run_coroutine_threadsafe(finish(), self._loop).result()

    def _now(self, call: Callable[..., Any], *args: Any) -> Any:
        async def finish() -> Any:
            return call(*args)

        return asyncio.run_coroutine_threadsafe(finish(), self._loop).result()

    def _stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._events.shutdown(wait=False)
        self._requests.shutdown(wait=False)
        self._loop.close()
