"""dbt, called on a project of one node of each kind as soon as this is imported: what it makes at first use is made.

That is code for each class of its manifest, and their schemas: more than a second, which a fork of a process that has
imported this does not spend again.
"""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from dbt.cli.main import cli

from orchestration.dbt_environment import environment

_FILES: Final = {
    "dbt_project.yml": "{name: warm, version: '1.0.0', profile: warm, flags: {send_anonymous_usage_stats: false}}",
    "profiles.yml": (
        "warm: {target: t, outputs: {t: "
        "{type: postgres, host: h, port: 1, user: u, password: p, dbname: d, schema: s, threads: 1}}}"
    ),
    "macros/one.sql": "{% macro one() %}1{% endmacro %}",
    "models/one.sql": "select {{ one() }} as number",
    "models/one.yml": """
models:
  - name: one
    config: {contract: {enforced: true}}
    columns: [{name: number, data_type: integer, constraints: [{type: not_null}], data_tests: [not_null]}]
sources: [{name: raw, tables: [{name: one, columns: [{name: number}]}]}]
exposures: [{name: shown, type: application, owner: {name: us}, depends_on: [ref('one')]}]
unit_tests: [{name: is_one, model: one, given: [], expect: {rows: [{number: 1}]}}]
""",
    "seeds/two.csv": "number\n2\n",
    "seeds/two.yml": "seeds: [{name: two, columns: [{name: number}]}]",
    "tests/no_three.sql": "select 1 from {{ ref('one') }} where number = 3",
}


def _warm() -> None:
    with TemporaryDirectory() as folder:
        for name, text in _FILES.items():
            file = Path(folder, name)
            file.parent.mkdir(exist_ok=True)
            file.write_text(text)
        told = {"DBT_PROJECT_DIR": folder, "DBT_PROFILES_DIR": folder, "DBT_LOG_PATH": f"{folder}/logs"}
        told |= {"DBT_STATIC_PARSER": "false"}  # it begins threads, for which every fork would wait
        here = Path.cwd()
        with environment(told):
            for _ in range(2):  # the second goes on from what the first read
                cli(["--quiet", "parse"], standalone_mode=False)
        os.chdir(here)


_warm()
