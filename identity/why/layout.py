"""Where the nodes of a small graph go: the same graph always in the same places."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_STEPS: Final = 200
_PUSHES: Final = 200


def stress_layout(nodes: int, edges: list[tuple[int, int]], lengths: list[float]) -> Floats:
    """Positions whose distances come near those along the edges (stress majorisation: Gansner, Koren, North 2004).

    Args:
        nodes: how many there are.
        edges: pairs of node numbers.
        lengths: how long each edge would like to be; nodes that no path connects stand apart.

    Returns:
        One row `x, y` per node, around the origin.
    """
    distance = _path_lengths(nodes, edges, lengths)
    weight = np.divide(1.0, distance**2, out=np.zeros_like(distance), where=distance > 0)
    turn = np.arange(nodes) * (2.0 * np.pi / max(nodes, 1))
    # A spiral rather than a circle, so that no symmetry holds the nodes in a bad place.
    place = np.column_stack([np.cos(turn), np.sin(turn)]) * (1.0 + np.arange(nodes)[:, np.newaxis] / (nodes + 1))
    laplacian = np.diag(weight.sum(axis=1)) - weight
    inverse = np.linalg.pinv(laplacian)
    for _ in range(_STEPS if nodes > 1 else 0):
        now = np.hypot(*(place[:, np.newaxis, :] - place[np.newaxis, :, :]).transpose(2, 0, 1))
        ratio = weight * np.divide(distance, now, out=np.zeros_like(distance), where=now > 1e-9)
        place = inverse @ ((np.diag(ratio.sum(axis=1)) - ratio) @ place)
    return np.asarray(place - place.mean(axis=0)) if nodes else np.empty((0, 2))


def fit(place: Floats, width: float, height: float, margin: tuple[float, float], box: tuple[float, float]) -> Floats:
    """Positions inside a picture, with room for a label of the size `box` around each node."""
    if not len(place):
        return place
    low, span = place.min(axis=0), np.ptp(place, axis=0)
    room = np.array([width - 2 * margin[0], height - 2 * margin[1]])
    scale = np.divide(room, span, out=np.ones(2), where=span > 1e-9)
    # Stretching helps to fill the picture, but not beyond recognition.
    scale = np.minimum(scale, 2.0 * scale.min())
    fitted = margin + (room - span * scale) / 2 + (place - low) * scale
    for _ in range(_PUSHES):
        fitted = np.clip(fitted + _pushes(fitted, np.array(box)), margin, np.array(margin) + room)
    return np.asarray(np.round(fitted, 1))


def _pushes(place: Floats, box: Floats) -> Floats:
    """Half of what each pair of overlapping labels lacks, along the axis where that is less."""
    gap = place[:, np.newaxis, :] - place[np.newaxis, :, :]
    lack = box - np.abs(gap)
    overlap = (lack > 0).all(axis=2) & ~np.eye(len(place), dtype=np.bool_)
    along_x = lack[:, :, 0] / box[0] < lack[:, :, 1] / box[1]
    order = np.sign(np.arange(len(place))[:, np.newaxis] - np.arange(len(place)))[:, :, np.newaxis]
    direction = np.where(gap == 0, order, np.sign(gap))
    move = direction * lack * 0.5 * np.stack([along_x, ~along_x], axis=2)
    return np.asarray(np.where(overlap[:, :, np.newaxis], move, 0.0).sum(axis=1))


def _path_lengths(nodes: int, edges: list[tuple[int, int]], lengths: list[float]) -> Floats:
    """Shortest paths between all nodes (Floyd and Warshall)."""
    distance: NDArray[Any] = np.full((nodes, nodes), np.inf)
    np.fill_diagonal(distance, 0.0)
    for (a, b), length in zip(edges, lengths, strict=True):
        distance[a, b] = distance[b, a] = min(length, distance[a, b])
    for through in range(nodes):
        distance = np.minimum(distance, distance[:, through, np.newaxis] + distance[through])
    reached = np.isfinite(distance)
    distance[~reached] = distance[reached].max(initial=0.0) + 2.0
    return distance
