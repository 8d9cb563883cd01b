import hypothesis
import pytest

from sekisho.wording import speak

hypothesis.settings.register_profile("any machine", deadline=None)  # a busy one is no fault of the code
hypothesis.settings.load_profile("any machine")


@pytest.fixture(autouse=True)
def english():
    """Every test begins in English, whatever the one before it spoke."""
    speak("en")
