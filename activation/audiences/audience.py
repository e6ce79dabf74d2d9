"""An audience as a marketer declares it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from activation.audiences.located_yaml import Located

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class Audience(BaseModel):
    """The fields of `audiences/<name>.yml`; an unknown one is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, strict=True)

    label: Words = Field(description="its name for people")
    description: Words = Field(description="what it is and what to do with it, in a marketer's words")
    owner: Words = Field(description="the team that answers for it")
    purpose: Literal["marketing", "service", "suppression"] = Field(description="what consent is asked for")
    destinations: Annotated[list[Words], Field(min_length=1)] = Field(description="the tools that receive it")
    minimum_link_strength: Annotated[float, Field(ge=0, le=1)] = Field(
        description="customers of whom we are less sure that they are one person are not sent"
    )
    where: dict[str, Any] = Field(description="the rule")


@dataclass(frozen=True)
class Declared:
    """An audience with its name (that of its file) and the lines it was read from."""

    name: str
    file: str
    audience: Audience
    source: Located

    @property
    def reads(self) -> frozenset[str]:
        """The segments that its rule names."""
        return frozenset(_segments(self.audience.where))


def _segments(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("segment"), str):
            yield node["segment"]
        for kind in ("all", "any"):
            children = node.get(kind)
            for child in children if isinstance(children, list) else ():
                yield from _segments(child)
        yield from _segments(node.get("not"))
