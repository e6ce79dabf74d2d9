"""Which systems know which person, and what each system tends to note of a person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from sandbox.generator.draw import Flags, Floats, Ints, chance, stream, weighted

CONTACT, LEAD, SHOP, TILL, HELPDESK, INSTAGRAM, MESSENGER, X, LOYALTY = range(9)
KINDS: Final = (
    ("salesforce", "contact"),
    ("salesforce", "lead"),
    ("shopify", "customer"),
    ("shopify", "customer"),
    ("zendesk", "user"),
    ("meta", "instagram_user"),
    ("meta", "messenger_user"),
    ("x", "user"),
    ("loyalty", "member"),
)
SOCIAL: Final = (INSTAGRAM, MESSENGER, X)
ONE_NAME_FIELD: Final = (HELPDESK, INSTAGRAM, MESSENGER, X)


@dataclass(frozen=True)
class Capture:
    """The probabilities with which a record of one kind holds something, or holds it wrong."""

    email: float = 0.0
    phone: float = 0.0
    mobile: float = 0.0
    landline: float = 0.0  # that its phone is the household's landline, where there is one
    address: float = 0.0
    birth_date: float = 0.0
    loyalty_number: float = 0.0
    clean_phone: float = 0.0  # that the phone is in E.164
    given_missing: float = 0.0
    family_missing: float = 0.0
    typo: float = 0.0  # in each part of the name
    nickname: float = 0.0
    native_script: float = 0.0
    consent_known: float = 0.0
    language: float = 0.0
    verified: float = 0.0
    delay_days: float = 30.0  # from joining to this record, on average


CAPTURES: Final = (
    Capture(email=0.95, phone=0.5, mobile=0.6, landline=0.6, address=0.85, birth_date=0.5, loyalty_number=0.5,
            typo=0.03, nickname=0.06, native_script=0.05, given_missing=0.01, consent_known=0.8, delay_days=60),
    Capture(email=0.95, phone=0.5, mobile=0.2, landline=0.2, address=0.55,
            typo=0.04, nickname=0.1, native_script=0.04, given_missing=0.05, consent_known=0.6, delay_days=5),
    Capture(email=0.97, phone=0.62, landline=0.06, address=0.88, clean_phone=0.97, typo=0.02, nickname=0.1,
            native_script=0.2, given_missing=0.03, family_missing=0.02, consent_known=0.9, language=1.0,
            verified=0.8, delay_days=15),
    Capture(email=0.68, phone=0.8, landline=0.04, address=0.2, clean_phone=0.9, typo=0.05, nickname=0.15,
            native_script=0.05, given_missing=0.06, family_missing=0.04, consent_known=0.5, language=1.0,
            delay_days=90),
    Capture(email=0.93, phone=0.55, landline=0.08, clean_phone=0.8, typo=0.03, nickname=0.14, native_script=0.2,
            language=1.0, verified=0.7, delay_days=100),
    Capture(typo=0.0, nickname=0.15, native_script=0.35),
    Capture(typo=0.0, nickname=0.12, native_script=0.35),
    Capture(typo=0.0, nickname=0.15, native_script=0.3),
    Capture(email=0.9, phone=0.76, landline=0.15, address=0.65, birth_date=0.75, loyalty_number=1.0, typo=0.03,
            nickname=0.05, native_script=0.08, given_missing=0.01, consent_known=0.7, language=0.4, delay_days=70),
)  # fmt: skip

_ALONE_WEIGHTS: Final = (9, 15, 33, 11, 9, 9, 8, 3, 3)


def probability(name: str, kind: Ints) -> Floats:
    """A probability of `Capture`, for each record's kind."""
    return np.array([getattr(capture, name) for capture in CAPTURES])[kind]


def draw_systems(seed: int, people: int) -> Flags:
    """Which of the kinds of record each person has: one row per person, one column per kind; at least one each."""
    rng = stream(seed, "systems")
    known = np.zeros((people, len(KINDS)), dtype=bool)
    for kind, share in ((CONTACT, 0.62), (LEAD, 0.2), (SHOP, 0.88), (TILL, 0.25), (HELPDESK, 0.55), (LOYALTY, 0.55)):
        known[:, kind] = chance(rng, share, people)
    notes_handles = known[:, CONTACT] | known[:, LOYALTY]
    known[:, INSTAGRAM] = chance(rng, np.where(notes_handles, 0.5, 0.015), people)
    known[:, X] = chance(rng, np.where(notes_handles | known[:, HELPDESK], 0.2, 0.01), people)
    known[:, MESSENGER] = chance(rng, 0.012, people)
    known[~known.any(axis=1), SHOP] = True
    alone = chance(rng, 0.14, people)
    known[alone] = np.eye(len(KINDS), dtype=bool)[weighted(rng, _ALONE_WEIGHTS, int(alone.sum()))]
    return known
