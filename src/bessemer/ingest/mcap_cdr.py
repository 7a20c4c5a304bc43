"""Values of ROS 2 messages, read one after another: CDR as of XCDR version 1.

Source: OMG, "DDS Interoperability Wire Protocol", 2.2, chapter 10. Numbers stand at multiples of
their size, counted from the end of the four bytes that say in which order bytes stand.
"""

import struct

from bessemer.ingest.files import RefusedError

_ORDERS = {0: ">", 1: "<"}


class Cdr:
    """A cursor over one message.

    Args:
        data: The message.

    Raises:
        RefusedError: If its bytes stand in no known order.
    """

    def __init__(self, data: bytes) -> None:
        order = _ORDERS.get(int.from_bytes(data[:2], "big")) if len(data) >= 4 else None
        if order is None:
            raise RefusedError("bad_message", "It is no CDR of XCDR version 1.")
        self._order, self._data, self._at = order, memoryview(data)[4:], 0

    def numbers(self, kind: str, count: int = 1) -> tuple[float, ...]:
        """Return the next ``count`` numbers of one kind, as ``struct`` names it.

        Args:
            kind: ``i``, ``I``, ``d`` and the like.
            count: How many.

        Returns:
            The numbers.

        Raises:
            RefusedError: If the message ends before.
        """
        size = struct.calcsize(kind)
        start = self._at + -self._at % size if count else self._at
        self._need(start + size * count)
        self._at = start + size * count
        return struct.unpack_from(f"{self._order}{count}{kind}", self._data, start)

    def count(self) -> int:
        """Return a length; as yet nothing says that so much is there."""
        return int(self.numbers("I")[0])

    def blob(self) -> bytes:
        """Return the next sequence of bytes."""
        length = self.count()
        self._need(self._at + length)
        self._at += length
        return bytes(self._data[self._at - length : self._at])

    def text(self) -> str:
        """Return the next string."""
        return self.blob().rstrip(b"\0").decode("utf-8", "backslashreplace")

    def header(self) -> str:
        """Pass over a stamp and return the frame that follows it."""
        self.numbers("i")
        self.numbers("I")
        return self.text()

    def _need(self, end: int) -> None:
        if end > len(self._data):
            raise RefusedError("bad_message", "It ends within a value.")
