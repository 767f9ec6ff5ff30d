"""Checks that pydicom's dictionary has each SNOMED CT code with its meaning: check_terms.py FILE, with [[code, meaning]]."""

import json
import sys
from pathlib import Path

from pydicom.sr._concepts_dict import concepts

meanings = {}
for entries in concepts["SCT"].values():
    for code, (meaning, _) in entries.items():
        meanings.setdefault(code, set()).add(meaning)
codes = json.loads(Path(sys.argv[1]).read_text())
for code, meaning in codes:
    assert meaning in meanings[code], (code, meaning, meanings.get(code))
print(len(codes), "codes")
