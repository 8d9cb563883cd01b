import pytest

from sekisho.wording import speak


@pytest.fixture(autouse=True)
def english():
    """Every test begins in English, whatever the one before it spoke."""
    speak("en")
