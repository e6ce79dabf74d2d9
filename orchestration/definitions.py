"""What `workspace.yaml` points at: the graph for the settings in the environment."""

from orchestration.build import build_defs
from orchestration.settings import Settings

defs = build_defs(Settings())
