"""Make the package data of `urbact_calls/reference/tables` from a folder of collected sources.

Usage: python scripts/import_reference.py FOLDER, where FOLDER holds `domain/calls.yaml`, `domain/domain.md` and
`data/*.csv`. Needs PyYAML. Run by whoever updates the reference data; the program only reads the result.
"""

import json
import re
import shutil
import sys
from pathlib import Path

import yaml  # type: ignore[import-untyped]

TABLES = Path(__file__).resolve().parent.parent / "urbact_calls" / "reference" / "tables"
COPIED = (
    "countries.csv",
    "regions.csv",
    "good_practices.csv",
    "uia_projects.csv",
    "networks.csv",
    "network_partners.csv",
    "places.csv.gz",
    "place_names.csv.gz",
)
SOURCE_ROW = re.compile(r"^\| `(?P<key>[a-z0-9-]+)` \| (?P<address>http\S+)", re.MULTILINE)


def main(folder: Path) -> None:
    for name in COPIED:
        shutil.copyfile(folder / "data" / name, TABLES / name)

    calls = yaml.safe_load((folder / "domain" / "calls.yaml").read_text(encoding="utf-8"))
    addresses = SOURCE_ROW.findall((folder / "domain" / "domain.md").read_text(encoding="utf-8"))
    write("calls.json", calls)
    write("sources.json", dict(sorted(addresses)))


def write(name: str, content: object) -> None:
    text = json.dumps(content, ensure_ascii=False, indent=1, default=str)
    (TABLES / name).write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
