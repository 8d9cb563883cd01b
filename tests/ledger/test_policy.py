import pytest

from sekisho.ledger.note import COSIGNATURE, Signer
from sekisho.ledger.policy import Policy, PolicyError, of_all

LOG = Signer("example.com/log", b"l" * 32).verifier
W = {name: Signer(f"witness.example/{name}", name.encode() * 16, COSIGNATURE).verifier for name in ("x1", "x2", "y1")}
TEXT = f"""
# two houses
log {LOG} https://log.example/
witness x1 {W["x1"]} https://x1.example/
\twitness x2   {W["x2"]}
group x 1 x1 x2
witness y1 {W["y1"]}
group both all x y1
quorum both
"""


def test_a_policy_is_read_and_written():
    policy = Policy.of(TEXT)
    assert policy.logs == (LOG,)
    assert policy.urls["x1"] == "https://x1.example/"
    assert Policy.of(str(policy)) == policy


@pytest.mark.parametrize(
    ("signed", "met"), [((), False), (("x1",), False), (("x1", "x2"), False), (("x2", "y1"), True), (("y1",), False)]
)
def test_the_quorum_is_what_the_groups_say(signed, met):
    assert Policy.of(TEXT).met([W[name] for name in signed]) is met


def test_without_a_quorum_everything_stands():
    assert Policy.of("quorum none\n").met([])
    assert of_all(LOG, {}, {}).met([])
    assert not of_all(LOG, W, {}).met(list(W.values())[1:])
    assert of_all(LOG, W, {}, least=2).met(list(W.values())[1:])
    assert Policy.of(str(of_all(LOG, W, {"x1": "http://x/"}))) == of_all(LOG, W, {"x1": "http://x/"})


@pytest.mark.parametrize(
    "text",
    [
        "",
        "quorum none\nquorum none",
        "quorum nobody",
        "log x\nquorum none",
        f"log {W['x1']}\nquorum none",
        f"log {LOG}\nlog {LOG}\nquorum none",
        f"witness a {W['x1']}\nwitness b {W['x1']}\nquorum none",
        f"witness none {W['x1']}\nquorum none",
        f"witness a {W['x1']}\ngroup g 2 a\nquorum g",
        f"witness a {W['x1']}\ngroup g 0 a\nquorum g",
        f"witness a {W['x1']}\ngroup g all a\ngroup h all a\nquorum g",
        f"witness a {W['x1']}\ngroup g all a a\nquorum g",
        f"group g any a\nwitness a {W['x1']}\nquorum g",
        "quorum none\x0b",
        "quorum none extra",
    ],
)
def test_what_is_no_policy_is_refused(text):
    with pytest.raises(PolicyError):
        Policy.of(text)


def test_an_unknown_log_is_not_believed():
    with pytest.raises(PolicyError, match="not known"):
        Policy.of(TEXT).log("example.com/other")
