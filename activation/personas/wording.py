"""What a group of customers is like, in words: the traits that set it most apart, with shares."""

from __future__ import annotations

import numpy as np

from activation.personas.clustering import Floats, Groups

_MOST = 3
_APART = 0.4
"""Standard deviations from the mean of everyone at which a trait is worth a word."""
_SHOWN = 0.5
"""From this value on, a customer shows a trait."""


def describe(groups: Groups, traits: tuple[str, ...], values: Floats) -> list[str]:
    """One sentence per group; `values` are the traits of all customers, unscaled, in the order of `groups.labels`."""
    places = [traits.index(trait) for trait in groups.scale.traits]
    shown = values[:, places] >= _SHOWN
    everyone = shown.mean(axis=0)
    sentences = []
    for group, centre in enumerate(groups.centres):
        members = groups.labels == group
        own = shown[members].mean(axis=0)
        mean, overall = values[members][:, places].mean(axis=0), values[:, places].mean(axis=0)
        order = np.argsort(-np.abs(centre), kind="stable")
        told = [
            _part(groups.scale.traits[j], float(centre[j]), own[j], everyone[j], mean[j], overall[j])
            for j in order[:_MOST]
            if abs(centre[j]) >= _APART
        ]
        sentences.append("; ".join(told) if told else "near the average in every trait")
    return [sentence[0].upper() + sentence[1:] for sentence in sentences]


def _part(trait: str, apart: float, own: float, everyone: float, mean: float, overall: float) -> str:
    way = "high" if apart > 0 else "low"
    if round(own, 2) == round(everyone, 2):
        return f"{way} {trait.replace('_', ' ')} ({mean:.2f} on average, {overall:.2f} of all customers)"
    return f"{way} {trait.replace('_', ' ')} (shown by {own:.0%}, {everyone:.0%} of all customers)"
