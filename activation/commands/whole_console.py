"""What commands print on: as wide as the window, and in a pipe as wide as it takes."""

from __future__ import annotations

import os
from typing import Final

from rich.console import Console, ConsoleDimensions

_PIPED_COLUMNS: Final = 1_000


class WholeConsole(Console):
    """A console that cuts no cell of a table where nobody's window is too narrow: in a pipe, a file or a log.

    What `COLUMNS` asks for is done there too.
    """

    @property
    def size(self) -> ConsoleDimensions:
        """The window's; without one, as many columns as any table needs."""
        if self.is_terminal or self._width is not None or os.environ.get("COLUMNS", "").isdigit():
            return super().size
        return ConsoleDimensions(_PIPED_COLUMNS, super().size.height)

    @size.setter
    def size(self, new_size: tuple[int, int]) -> None:
        self._width, self._height = new_size
