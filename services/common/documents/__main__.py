"""Sets one document: the process that ``apart.py`` starts.

``python -m services.common.documents`` reads the arguments of ``typesetting.set_whole_document`` as
one JSON document, and writes the PDF.
"""

from __future__ import annotations

import json
import sys
from datetime import datetime

from services.common.documents.typesetting import set_whole_document

given = json.load(sys.stdin.buffer)
sys.stdout.buffer.write(
    set_whole_document(
        given["template"],
        given["values"],
        language=given["language"],
        moment=datetime.fromisoformat(given["moment"]),
    )
)
