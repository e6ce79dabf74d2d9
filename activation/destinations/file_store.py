"""Where dropped files go: a folder, or an object store by its URL; each file is published whole or not at all.

In a folder a file is written beside its place and renamed. In an object store a key is replaced in one step, when all
of it has arrived; whoever must not see new files beside old ones waits for the manifest, which is written last.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import fsspec
from fsspec.implementations.local import LocalFileSystem

from activation.database import ActivationError

_TEMPORARY: Final = ".partial"
_EXTRAS: Final = {"s3": "s3", "s3a": "s3", "gs": "gcs", "gcs": "gcs", "az": "azure", "abfs": "azure", "abfss": "azure"}
"""The extra of Braid that brings what a kind of URL needs."""


class FileStore:
    """One folder, here or far away."""

    def __init__(self, location: str | Path) -> None:
        """Open a folder's path or a URL such as `s3://bucket/audiences`; credentials come as its library finds them.

        Raises:
            ActivationError: if the URL is of no known kind, or its library is not installed.
        """
        self.location = without_password(str(location))
        try:
            system, root = fsspec.core.url_to_fs(str(location))
        except ImportError as error:
            extra = _EXTRAS.get(self.location.partition("://")[0])
            how = f"`pip install 'braid[{extra}]'`" if extra else "install it beside Braid"
            raise ActivationError(
                f"files cannot go to {self.location}: what that kind of place needs is not installed ({error}); {how}"
            ) from None
        except (ValueError, OSError) as error:
            raise ActivationError(f"files cannot go to {self.location}: {error}") from None
        self._system: Any = system
        self._root = str(root).rstrip("/")
        self._folder = Path(self._root) if isinstance(system, LocalFileSystem) else None

    @contextmanager
    def workplace(self) -> Iterator[Path]:
        """A folder for files before they are published; what a killed drop left of it is cleared away.

        Raises:
            ActivationError: if the location cannot be written, inside as well.
        """
        try:
            if self._folder is None:
                with tempfile.TemporaryDirectory(prefix="braid-drop-") as folder:
                    yield Path(folder)
                return
            self._folder.mkdir(parents=True, exist_ok=True)
            for left_over in self._folder.glob(f".*{_TEMPORARY}"):
                left_over.unlink()
            yield self._folder
        except OSError as error:
            said = error.strerror or type(error).__name__
            raise ActivationError(
                f"the file drop cannot write to {self.location} ({said}); check BRAID_FILE_DROP"
            ) from error

    def draft(self, workplace: Path, name: str) -> Path:
        """Where to write a file of that name before it is published."""
        return workplace / f".{name}{_TEMPORARY}"

    def publish(self, draft: Path, name: str) -> None:
        """Put a finished draft in its place; the draft is gone then."""
        if self._folder is None:
            self._system.makedirs(self._root, exist_ok=True)
            self._system.put_file(str(draft), self._at(name))
            draft.unlink()
            return
        with draft.open("rb") as file:
            os.fsync(file.fileno())
        draft.replace(self._folder / name)

    def holds(self, name: str, draft: Path, digest: str) -> bool:
        """Whether the file is in its place as drafted: by its digest in a folder, by its size where reading costs."""
        if self._folder is None:
            return (
                bool(self._system.exists(self._at(name))) and self._system.size(self._at(name)) == draft.stat().st_size
            )
        target = self._folder / name
        return target.exists() and digest_of(target) == digest

    def read(self, name: str) -> bytes | None:
        """A file's content; None when it is not there.

        Raises:
            ActivationError: if it is there and cannot be read.
        """
        try:
            content: bytes = self._system.cat_file(self._at(name))
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            said = error.strerror or type(error).__name__
            raise ActivationError(f"{name} in {self.location} cannot be read ({said}); check that place") from error
        return content

    def remove(self, name: str) -> None:
        """Remove a file; it need not be there."""
        if self._system.exists(self._at(name)):
            self._system.rm_file(self._at(name))

    def _at(self, name: str) -> str:
        return f"{self._root}/{name}"


def place_of(typed: str | Path) -> str | Path:
    """A place as it was meant where it was typed: a URL as it is, a folder's path made absolute.

    Raises:
        ValueError: if it looks like a URL, and there is no such kind.
    """
    if isinstance(typed, str) and "://" in typed:
        kind = re.split("::|://", typed)[0]  # fsspec takes one kind through another: simplecache::s3://…
        if kind not in fsspec.available_protocols():
            raise ValueError(f"there is no kind of place {kind}://; write a folder, or s3://, gs://, az://, …")
        return typed
    return Path(typed).expanduser().resolve()


def without_password(url: str) -> str:
    """A URL as it may be shown and remembered."""
    return re.sub(r"//[^/@]*@", "//", url)


def digest_of(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
