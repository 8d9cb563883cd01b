"""Runs presidio-analyzer with our patterns as plain regular expressions over rows of text on standard input.

Its own interpreter runs this (an environment with presidio-analyzer and spaCy alone); no language model is
loaded, only a blank tokenizer, which is the fastest that it can be. Prints rows, finds and CPU seconds as JSON.
"""

from __future__ import annotations

import json
import re
import sys
import time

import spacy
from presidio_analyzer import AnalyzerEngine, Pattern, PatternRecognizer, RecognizerRegistry
from presidio_analyzer.nlp_engine import SpacyNlpEngine

PATTERNS = {
    "PENSION_NUMBER": r"(?<!\d)\d{4}-\d{6}(?!\d)",
    "MY_NUMBER": r"(?<!\d)\d{12}(?!\d)",
    "BIRTH_DATE": r"(?:明治|大正|昭和|平成|令和|[MTSHR])\d{1,2}[年./-]\d{1,2}[月./-]\d{1,2}|(?:19|20)\d\d[-/年]\d{1,2}[-/月]\d{1,2}",
    "POSTAL_CODE": r"〒?\d{3}-\d{4}(?!\d)",
    "PHONE": r"0\d{1,4}-\d{1,4}-\d{4}",
    "MAIL": r"[\w.+-]+@[\w-]+\.[\w.-]+",
}


class BlankEngine(SpacyNlpEngine):
    """A tokenizer without a model."""

    def __init__(self) -> None:
        super().__init__()
        self.nlp = {"en": spacy.blank("xx")}


def main() -> None:
    registry = RecognizerRegistry(
        recognizers=[
            PatternRecognizer(supported_entity=name, patterns=[Pattern(name, regex, 0.8)], global_regex_flags=re.DOTALL)
            for name, regex in PATTERNS.items()
        ]
    )
    analyzer = AnalyzerEngine(registry=registry, nlp_engine=BlankEngine(), supported_languages=["en"])
    rows = [line.rstrip("\n") for line in sys.stdin]
    started = time.process_time()
    finds = sum(len(analyzer.analyze(text=row, language="en")) for row in rows)
    spent = time.process_time() - started
    json.dump({"rows": len(rows), "finds": finds, "cpu": spent}, sys.stdout)


if __name__ == "__main__":
    main()
