"""How right Braid is beside its peers: every labelled table of a folder, everyone at their defaults, in one run.

`make bench-accuracy LABELLED=folder`. A table is a Parquet file with `unique_id` and `cluster`, the truth, which is
read here and by nobody who competes.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from rich.console import Console

from benchmarks.accuracy.neutral import NotLabelled, read_labelled
from benchmarks.accuracy.report import print_against_peers, print_measures
from benchmarks.accuracy.running import Contender, Result, run

BRAID = Contender("Braid", "braid_defaults")
PEERS = (
    Contender("Splink, by hand, 0.95", "splink_by_hand"),
    Contender("GoldenMatch, zero-config", "goldenmatch_zero_config", "goldenmatch"),
    Contender("recordlinkage, ECM", "recordlinkage_ecm", "recordlinkage"),
)


def main() -> int:
    """Run everyone on everything, print each set as it is done, then Braid against the best peer."""
    parser = argparse.ArgumentParser(prog="benchmarks.accuracy", description=__doc__)
    parser.add_argument("folder", type=Path, help="Parquet files with unique_id and cluster")
    parser.add_argument("--environments", type=Path, required=True, help="folder of the peers' virtual environments")
    parser.add_argument("--limit", type=float, default=900.0, help="seconds that one contender has for one set")
    parser.add_argument("--only", nargs="*", default=[], help="names of sets, to run fewer")
    arguments = parser.parse_args()
    console = Console(width=150)
    paths = [
        path for path in sorted(arguments.folder.glob("*.parquet")) if not arguments.only or path.stem in arguments.only
    ]
    if not paths:
        console.print(f"there is no Parquet file to run in {arguments.folder}; name a folder with LABELLED=")
        return 1
    environments = arguments.environments.absolute()
    results: dict[str, list[Result]] = {}
    for path in paths:
        try:
            labelled = read_labelled(path)
        except (NotLabelled, OSError, ValueError) as error:
            console.print(f"left out: {error}")
            continue
        found = [run(contender, labelled, environments, arguments.limit) for contender in (BRAID, *PEERS)]
        results[labelled.name] = found
        print_measures(console, labelled, found)
    if results:
        print_against_peers(console, results)
    return 0 if results else 1


if __name__ == "__main__":
    sys.exit(main())
