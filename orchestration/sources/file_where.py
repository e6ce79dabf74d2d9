"""Which rows of a file an entry takes: `where: {event_name: [page_view, session_start]}`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Test:
    """What one column must be.

    `among`: one of the words (`event_name: [a, b]`), or none of them (`event_name: {not: [a, b]}`).
    `present`: there (`user_id: {present: true}`), or blank.
    """

    column: str
    among: tuple[str, ...] = ()
    wanted: bool = True
    present: bool | None = None


def parse_where(written: object) -> tuple[Test, ...]:
    """The tests that a row must pass, all of them.

    Raises:
        ValueError: if it is written otherwise.
    """
    if not isinstance(written, dict) or not written:
        raise ValueError("give columns and their words, such as {event_name: [page_view, session_start]}")
    return tuple(_test(str(column), words) for column, words in written.items())


def _test(column: str, written: object) -> Test:
    if isinstance(written, dict):
        if written.keys() == {"present"} and isinstance(written["present"], bool):
            return Test(column, present=written["present"])
        if written.keys() == {"not"}:
            return Test(column, _words(column, written["not"]), wanted=False)
        raise ValueError(f"where.{column}: give words, {{not: words}} or {{present: true}}")
    return Test(column, _words(column, written))


def _words(column: str, written: object) -> tuple[str, ...]:
    words = written if isinstance(written, list) else [written]
    if not words or not all(isinstance(word, str | int | float | bool) for word in words):
        raise ValueError(f"where.{column}: give a word or a list of words")
    return tuple(str(word).lower() if isinstance(word, bool) else str(word) for word in words)
