"""The code that dbt's templates compile to, kept from one process to the next.

dbt compiles every model and every macro that it meets anew in each process: a fifth of what it does itself in a build
after which little changed. What a template's text compiles to depends on nothing but the versions of Python, of Jinja
and of dbt's own dialect of it.
"""

from __future__ import annotations

import hashlib
import marshal
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib.metadata import version
from pathlib import Path
from types import CodeType
from typing import Any, Final

from dbt_common.clients import jinja
from dbt_common.clients.jinja import MacroFuzzEnvironment

TEMPLATES_FILE: Final = "compiled_templates.bin"
"""Beside dbt's other artefacts: like its reading of the project, it may be deleted at any time."""
_MOST: Final = 20_000


class CompiledTemplates:
    """Compiled templates by a digest of their text, in one file."""

    def __init__(self, folder: Path, most: int = _MOST) -> None:
        """Read what is in `folder`; what other versions wrote, and what is no such file, counts as nothing.

        Of more than `most` templates those go that this process had no need of.
        """
        self._file = folder / TEMPLATES_FILE
        self._most = most
        self._versions = f"{sys.version} {version('jinja2')} {version('dbt-common')}"
        self._known = self._read()
        self._used: dict[bytes, bytes] = {}
        self._is_new = False

    def code(self, dialect: str, text: str, compiled: Callable[[], CodeType]) -> CodeType:
        """What `text` compiles to in a dialect, which `compiled` is asked for if it is not known."""
        key = hashlib.sha256(f"{dialect}\n{text}".encode()).digest()
        if (kept := self._known.get(key)) is not None:
            self._used[key] = kept
            known: CodeType = marshal.loads(kept)  # noqa: S302 - of our own file
            return known
        code = compiled()
        self._known[key] = self._used[key] = marshal.dumps(code)
        self._is_new = True
        return code

    def keep(self) -> None:
        """Put the file in place of the one there is, if there is anything new."""
        if not self._is_new:
            return
        kept = self._known if len(self._known) <= self._most else self._used
        fresh = self._file.with_suffix(f".{os.getpid()}")
        try:
            fresh.parent.mkdir(parents=True, exist_ok=True)
            fresh.write_bytes(marshal.dumps((self._versions, kept)))
            fresh.replace(self._file)
        except OSError:  # a full disk, or a folder that is read-only: the next process compiles anew
            with suppress(OSError):
                fresh.unlink()

    def _read(self) -> dict[bytes, bytes]:
        try:
            versions, known = marshal.loads(self._file.read_bytes())  # noqa: S302 - of our own file
        except (OSError, ValueError, EOFError, TypeError):
            return {}
        return known if versions == self._versions and isinstance(known, dict) else {}


@contextmanager
def templates_kept() -> Iterator[None]:
    """Let dbt, in this block, compile by what is kept beside its artefacts, and keep what it compiles.

    Without `DBT_TARGET_PATH` dbt does as ever.
    """
    folder = os.environ.get("DBT_TARGET_PATH")
    if not folder:
        yield
        return
    templates = CompiledTemplates(Path(folder))
    compile_text: Callable[..., Any] = MacroFuzzEnvironment.compile

    def compile_once(environment: MacroFuzzEnvironment, source: Any, *arguments: Any, **options: Any) -> Any:
        def compiled() -> Any:
            return compile_text(environment, source, *arguments, **options)

        if arguments or options or not isinstance(source, str) or jinja.MACRO_DEBUGGING:
            return compiled()
        return templates.code(type(environment).__name__, source, compiled)

    MacroFuzzEnvironment.compile = compile_once  # type: ignore[method-assign, assignment]
    try:
        yield
    finally:
        MacroFuzzEnvironment.compile = compile_text  # type: ignore[method-assign]
        templates.keep()
