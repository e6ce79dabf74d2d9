"""What dbt's templates compile to is kept from one process to the next, and never trusted where it may not fit."""

from __future__ import annotations

import marshal
from pathlib import Path
from types import CodeType

import pytest
from dbt.clients.jinja import get_rendered

from orchestration.dbt_process.templates import TEMPLATES_FILE, CompiledTemplates, templates_kept


def code_of(text: str) -> CodeType:
    return compile(text, "<template>", "eval")


def never() -> CodeType:
    raise AssertionError("compiled again")


def kept(folder: Path, *texts: str) -> None:
    templates = CompiledTemplates(folder)
    for text in texts:
        templates.code("plain", text, lambda text=text: code_of(text))  # type: ignore[misc]
    templates.keep()


def test_what_one_process_compiled_the_next_does_not(tmp_path: Path) -> None:
    kept(tmp_path, "1 + 1")
    code = CompiledTemplates(tmp_path).code("plain", "1 + 1", never)
    assert eval(code) == 2


def test_the_same_text_of_another_dialect_is_compiled(tmp_path: Path) -> None:
    kept(tmp_path, "1 + 1")
    with pytest.raises(AssertionError, match="compiled again"):
        CompiledTemplates(tmp_path).code("native", "1 + 1", never)


@pytest.mark.parametrize("content", [b"", b"no such file", marshal.dumps(("another version", {})), marshal.dumps(7)])
def test_another_file_counts_as_nothing_and_is_replaced(tmp_path: Path, content: bytes) -> None:
    (tmp_path / TEMPLATES_FILE).write_bytes(content)
    kept(tmp_path, "1 + 1")
    assert eval(CompiledTemplates(tmp_path).code("plain", "1 + 1", never)) == 2


def test_of_too_many_those_go_that_were_not_needed(tmp_path: Path) -> None:
    kept(tmp_path, "1", "2")
    templates = CompiledTemplates(tmp_path, most=2)
    templates.code("plain", "2", never)
    templates.code("plain", "3", lambda: code_of("3"))
    templates.keep()
    left = CompiledTemplates(tmp_path)
    left.code("plain", "2", never)
    left.code("plain", "3", never)
    with pytest.raises(AssertionError, match="compiled again"):
        left.code("plain", "1", never)


def test_nothing_is_written_where_nothing_was_compiled(tmp_path: Path) -> None:
    kept(tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_a_folder_that_cannot_be_written_is_no_failure(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    kept(tmp_path / "file" / "below", "1")


def test_dbt_renders_the_same_by_what_was_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBT_TARGET_PATH", str(tmp_path))
    rendered = []
    for _ in range(2):
        with templates_kept():
            rendered.append(get_rendered("{% for n in range(3) %}{{ n }}{{ ', ' if not loop.last }}{% endfor %}", {}))
    assert rendered == ["0, 1, 2"] * 2
    assert (tmp_path / TEMPLATES_FILE).exists()


def test_a_wrong_template_is_reported_as_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBT_TARGET_PATH", str(tmp_path))
    with templates_kept(), pytest.raises(Exception, match="unexpected"):
        get_rendered("{{ 1 + }}", {})
