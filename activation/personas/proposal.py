"""A proposal of personas: a YAML file that a person names, prunes, and keeps."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection
from typing import Annotated, Final, Self

import numpy as np
import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from activation.personas.clustering import CLEAR_SILHOUETTE, STABLE_JACCARD, Floats, Groups
from activation.personas.weights import EVERYONE, assigned, persona_weights
from activation.personas.wording import describe

UNNAMED: Final = re.compile(r"group_\d+")
_HEADER: Final = """\
# Personas proposed from the data. To keep them: give each one a name (a-z, 0-9 and _) and a label, say in a marketer's
# words what such a customer is like, remove the groups you do not want, then run
#   braid personas keep {file}
# The weights make each customer the persona of its group; removed groups go to the next best of those that stay.
# customers: how many were looked at. silhouette: how clear the groups are (-1 to 1). agreement: the share of the
# customers whom the weights put into their own group.
"""


class ProposalError(ValueError):
    """The file is no proposal that can be kept; one line per thing to mend."""


class ProposedPersona(BaseModel):
    """One group: its name, what it is like, its share of customers, its stability (0 to 1), its weights by trait."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    persona: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,40}$")]
    label: str = ""
    description: str = ""
    share: Annotated[float, Field(ge=0, le=1)] = 0
    stability: Annotated[float, Field(ge=0, le=1)] = 0
    weights: Annotated[dict[str, Annotated[float, Field(allow_inf_nan=False)]], Field(min_length=1)]


class Proposal(BaseModel):
    """Everything that `braid personas propose` found."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    customers: Annotated[int, Field(ge=0)] = 0
    silhouette: Annotated[float, Field(ge=-1, le=1)] = 0
    agreement: Annotated[float, Field(ge=0, le=1)] = 0
    personas: Annotated[list[ProposedPersona], Field(min_length=1)]

    @model_validator(mode="after")
    def _named_once(self) -> Self:
        names = [persona.persona for persona in self.personas]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"{', '.join(twice)} stands there twice; each persona needs a name of its own")
        return self


def propose(groups: Groups, traits: tuple[str, ...], values: Floats) -> Proposal:
    """Say groups as personas that have no name yet; `traits` and `values` are those that the groups were found in."""
    weights = persona_weights(groups)
    told = describe(groups, traits, values)
    shares = np.bincount(groups.labels, minlength=len(weights)) / len(values)
    return Proposal(
        customers=len(values),
        silhouette=round(groups.silhouette, 3),
        agreement=round(float((assigned(weights, traits, values) == groups.labels).mean()), 4),
        personas=[
            ProposedPersona(
                persona=f"group_{place}",
                description=sentence,
                share=round(float(share), 4),
                stability=round(min(stability, 1.0), 3),
                weights=of,
            )
            for place, (sentence, share, stability, of) in enumerate(
                zip(told, shares, groups.stability, weights, strict=True), start=1
            )
        ],
    )


def doubts(groups: Groups) -> list[str]:
    """Why the groups should not be trusted; empty when there is good structure."""
    found = []
    if groups.silhouette < CLEAR_SILHOUETTE:
        found.append(f"the groups run into each other: silhouette {groups.silhouette:.2f}, {CLEAR_SILHOUETTE} is clear")
    mean = float(np.mean(groups.stability))
    if mean < STABLE_JACCARD:
        found.append(f"they do not come again in resamples: similarity {mean:.2f}, {STABLE_JACCARD} is stable")
    return found


def to_yaml(proposal: Proposal, file: str) -> str:
    """The text of the file, with a header that says what to do with it."""
    body = yaml.safe_dump(proposal.model_dump(), sort_keys=False, allow_unicode=True, width=110)
    return _HEADER.format(file=file) + body


def read_proposal(text: str, known_traits: Collection[str]) -> Proposal:
    """Read a proposal that a person has named.

    Raises:
        ProposalError: if it is not YAML, has a wrong or missing field, an unknown trait, or a group without a name.
    """
    try:
        loaded = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}: " if mark is not None else ""
        raise ProposalError(f"{where}this is no YAML: {getattr(error, 'problem', None) or 'unreadable'}") from None
    if not isinstance(loaded, dict):
        raise ProposalError("the file holds no proposal; `braid personas propose` writes one")
    try:
        proposal = Proposal.model_validate(loaded)
    except ValidationError as error:
        raise ProposalError(
            "\n".join(
                f"{'.'.join(map(str, problem['loc'])) or 'the file'}: {problem['msg'].removeprefix('Value error, ')}"
                for problem in error.errors(include_input=False, include_url=False)
            )
        ) from None
    problems = [problem for persona in proposal.personas for problem in _unfinished(persona, known_traits)]
    if problems:
        raise ProposalError("\n".join(problems))
    return proposal


def _unfinished(persona: ProposedPersona, known_traits: Collection[str]) -> list[str]:
    found = []
    if UNNAMED.fullmatch(persona.persona):
        found.append(f"{persona.persona} has no name yet: say what to call it, such as loyal_regular")
    if not persona.label.strip():
        found.append(f"{persona.persona} has no label: the name that people read")
    if not persona.description.strip():
        found.append(f"{persona.persona} has no description")
    for trait in persona.weights:
        if trait not in known_traits and trait != EVERYONE:
            near = difflib.get_close_matches(trait, sorted(known_traits), n=1)
            hint = f"; did you mean {near[0]}?" if near else f"; there are {', '.join(sorted(known_traits))}"
            found.append(f"{persona.persona} weighs {trait}, which is no trait{hint}")
    return found
