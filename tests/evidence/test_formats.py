"""Every log format, tried in the same way; then each for what is its own."""
# ruff: noqa: E501

import io
import time
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.evidence.clock import Clock
from sekisho.evidence.read import Account, UnclearError, counted, events, formats, look, recognised

JAPAN = ZoneInfo("Asia/Tokyo")
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def read(name, text, **clock):
    account = Account(name)
    meant = Clock(**{"zone": JAPAN, "year": 2015, **clock})
    tables = list(counted(events(name, io.StringIO(text, newline="\n"), meant, account), account, NOW))
    return [row for table in tables for row in table.to_pylist()], account


@pytest.mark.parametrize("name", formats())
class TestEveryFormat:
    def test_its_example_is_told_apart_from_all_others(self, name):
        assert recognised(formats()[name].example) == name

    def test_its_example_is_one_event_at_the_same_moment(self, name):
        (one,), account = read(name, formats()[name].example)
        assert one["at"].replace(microsecond=0) == datetime(2015, 5, 20, 0, 12, 33, tzinfo=UTC)
        assert one["account"] in ("tanaka", r"KIKO\tanaka")
        assert (account.events, account.records, account.passed) == (1, 1, {})

    def test_cut_anywhere_it_is_an_event_or_counted_and_never_an_error(self, name):
        text = formats()[name].example
        for end in range(len(text)):
            rows, account = read(name, text[:end])
            assert account.records == len(rows) + sum(account.passed.values())
            assert all(row["place"] >= 1 for row in rows)

    def test_strangers_are_counted_not_dropped(self, name):
        rows, account = read(name, formats()[name].example + "\n" + "no such log\n" * 3)
        assert len(rows) == 1
        assert account.lines == formats()[name].example.count("\n") + 4
        if name != "windows_xml":  # what stands between events is not a record of its own
            assert account.passed == {"broken": 3}

    def test_what_its_times_do_not_say_must_be_said(self, name):
        text = formats()[name].example
        if lacking := formats()[name].lacks(text):
            assert "zone" in lacking
            with pytest.raises(UnclearError):
                look(name, text, Clock())
        look(name, text, Clock(JAPAN, 2015))

    def test_a_clock_that_was_fast_is_put_right(self, name):
        (one,), _ = read(name, formats()[name].example, fast=timedelta(minutes=3))
        assert one["at"].replace(microsecond=0) == datetime(2015, 5, 20, 0, 9, 33, tzinfo=UTC)


@pytest.mark.parametrize("name", formats())
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_whatever_was_changed_in_it_nothing_fails_and_the_account_closes(name, data):
    changed(name, data)


@pytest.mark.soak
@pytest.mark.parametrize("name", formats())
@given(data=st.data())
@settings(max_examples=5_000, deadline=None)
def test_whatever_was_changed_in_it_for_a_long_time(name, data):
    changed(name, data)


def changed(name, data):
    text = formats()[name].example
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    bit = st.one_of(st.text(max_size=40), st.sampled_from([*text]).map(lambda c: c * 300), st.just(text[start:end] * 2))
    rows, account = read(name, (text[:start] + data.draw(bit) + text[end:] + "\n") * 2)
    assert account.records == len(rows) + sum(account.passed.values())


@pytest.mark.parametrize("name", formats())
@pytest.mark.parametrize(
    "more", [" ; USER=a", " from a", "tty=", "|open|ok", '"', "<Event>", "a=b ", "\n\tAccount Name:"]
)
def test_hostile_lines_cost_little_time(name, more):
    text = formats()[name].example
    begun = time.process_time()
    read(name, "\n".join(text[:half] + more * (30_000 // len(more)) + text[half:] for half in range(60, 100, 10)))
    assert time.process_time() - begun < 3


def test_a_line_without_end_is_cut_and_counted():
    rows, account = read("squid_access", "x" * 200_000 + "\n" + formats()["squid_access"].example)
    assert (len(rows), account.cut, account.lines, account.passed) == (1, 1, 2, {"broken": 1})


def test_what_is_no_log_is_refused():
    with pytest.raises(UnclearError):
        recognised("氏名,住所\n架空太郎,東京都\n")


class TestTimes:
    @pytest.mark.parametrize(
        ("written", "day"),
        [
            ("2015/05/20 9:12:33", (2015, 5, 20, 0)),
            ("2015/05/20 午後 9:12:33", (2015, 5, 20, 12)),
            ("5/20/2015 9:12:33 AM", (2015, 5, 20, 0)),
            ("5/6/2015 12:12:33 AM", (2015, 5, 5, 15)),
            ("20.05.2015 09:12:33", (2015, 5, 20, 0)),
            ("19-07-2015 09:12:33", (2015, 7, 19, 0)),
        ],
    )
    def test_as_windows_shows_them(self, written, day):
        assert Clock(JAPAN).local(written) == datetime(*day, 12, 33, tzinfo=UTC)

    def test_a_day_that_may_be_two_is_none(self):
        assert Clock(JAPAN).local("05/06/2015 09:12:33") is None
        assert Clock(JAPAN).local("2015/02/31 09:12:33") is None

    def test_the_hour_that_comes_twice_is_not_known(self):
        assert Clock(ZoneInfo("Europe/Helsinki")).local("2015/10/25 3:30:00") is None

    def test_the_year_goes_on_at_new_year_and_back_for_a_line_that_came_late(self):
        clock = Clock(UTC, 2014)
        years = [clock.syslog(f"{day} 23:59:59").year for day in ("Dec 31", "Jan  1", "Dec 31", "Jan  1", "Feb  2")]
        assert years == [2014, 2015, 2014, 2015, 2015]

    @pytest.mark.parametrize(
        "written", ["0001-01-01T00:00:00+09:00", "9999-12-31T23:59:59-09:00", "2015-05-20T24:00:00Z"]
    )
    def test_times_that_cannot_be_are_none(self, written):
        assert Clock().iso(written) is None

    def test_a_clock_that_was_set_back_shows_whichever_way_the_log_runs(self):
        line = "{} 1 10.47.1.31 TCP_MISS/200 507 GET http://example.jp/ - HIER_DIRECT/192.0.2.7 text/html\n"
        times = ["1432080753.123", "1432090753.123", "1432080953.123", "1432091753.123"]
        for some in (times, times[::-1]):
            assert read("squid_access", "".join(map(line.format, some)))[1].back == 1

    def test_events_from_the_future_are_counted(self):
        line = "1999999999.000 1 10.47.1.31 TCP_MISS/200 507 GET http://example.jp/ - HIER_DIRECT/192.0.2.7 text/html"
        assert read("squid_access", line)[1].late == 1


class TestAuthLog:
    @pytest.mark.parametrize(
        ("text", "kind", "account", "address"),
        [
            ("sshd[1]: Failed password for invalid user admin from 203.0.113.5 port 4242 ssh2", "logon_failed", "admin", "203.0.113.5"),
            ("sshd[1]: Invalid user x from 203.0.113.5 port 4242", "logon_failed", "x", "203.0.113.5"),
            ("sshd[1]: Accepted publickey for root from 10.0.0.7 port 4242 ssh2: RSA SHA256:abc", "logon", "root", "10.0.0.7"),
            ("sshd[1]: pam_unix(sshd:session): session closed for user tanaka", "logoff", "tanaka", ""),
            ("sshd[1]: Disconnected from user tanaka 10.47.1.31 port 50022", "logoff", "tanaka", "10.47.1.31"),
            (
                "sshd[1]: pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=203.0.113.5  user=root",
                "logon_failed", "root", "203.0.113.5",
            ),
            ("sudo:   tanaka : TTY=pts/0 ; PWD=/srv ; USER=root ; COMMAND=/bin/cat /srv/list.csv", "order", "root", ""),
            ("su: (to root) tanaka on pts/1", "order", "root", ""),
        ],
    )  # fmt: skip
    def test_what_it_says(self, text, kind, account, address):
        ((one),), _ = read("auth_log", f"May 20 09:12:33 fs01 {text}")
        assert (one["kind"], one["account"], one["address"]) == (kind, account, address)

    def test_a_name_that_looks_like_the_rest_of_the_line_gives_no_false_address(self):
        line = "May 20 09:12:33 fs01 sshd[1]: Failed password for invalid user x from 10.0.0.1 port 1 ssh2 from 203.0.113.5 port 4242 ssh2"
        ((one),), _ = read("auth_log", line)
        assert one["address"] == "203.0.113.5"

    def test_who_gave_the_order(self):
        line = "May 20 09:12:33 fs01 sudo:   tanaka : TTY=pts/0 ; PWD=/srv ; USER=root ; COMMAND=/bin/cat /srv/list.csv"
        ((one),), _ = read("auth_log", line)
        assert (one["by"], one["object"], one["terminal"]) == ("tanaka", "/bin/cat /srv/list.csv", "pts/0")

    def test_times_with_a_zone_need_nothing_more(self):
        line = "2015-05-20T09:12:33.123456+09:00 fs01 sshd[1]: Accepted password for a from 10.0.0.1 port 1 ssh2"
        look("auth_log", line, Clock())
        ((one),), _ = read("auth_log", line, zone=None, year=None)
        assert one["at"] == datetime(2015, 5, 20, 0, 12, 33, 123456, tzinfo=UTC)


class TestSamba:
    @pytest.mark.parametrize(
        ("text", "account", "address", "terminal", "object_", "outcome"),
        [
            ("bob|192.168.2.100|lc03|Docs|unlinkat|ok|a.txt", "bob", "192.168.2.100", "lc03", "a.txt", "ok"),
            ("nobody|192.168.234.1|opendir|ok|/tmp", "nobody", "192.168.234.1", "", "/tmp", "ok"),
            (
                "nobody|192.168.234.1|create_file|fail (No such file or directory)|0x1|file|open|/ts/none",
                "nobody", "192.168.234.1", "", "/ts/none", "failed",
            ),
            ("tanaka|10.47.1.31|term031|openat|ok|r|給付|一覧.xlsx", "tanaka", "10.47.1.31", "term031", "給付|一覧.xlsx", "ok"),
        ],
    )  # fmt: skip
    def test_what_it_says(self, text, account, address, terminal, object_, outcome):
        ((one),), _ = read("samba_audit", f"May 20 09:12:33 fs01 smbd_audit: {text}")
        said = (one["account"], one["address"], one["terminal"], one["object"], one["outcome"])
        assert said == (account, address, terminal, object_, outcome)


class TestLinuxAudit:
    CALL = (
        "type=SYSCALL msg=audit(1432080753.159:24287): arch=c000003e syscall=257 success=no exit=-13 a0=7 items=1 "
        'ppid=1 pid=2 auid=1000 uid=0 tty=pts0 ses=3 comm="cat" exe="/bin/cat" key="k"\x1dSYSCALL=openat AUID="tanaka" UID="root"\n'
        'type=CWD msg=audit(1432080753.159:24287): cwd="/srv"\n'
        "type=PATH msg=audit(1432080753.159:24287): item=0 name=E4B880E8A6A72E637376 inode=4 nametype=NORMAL\n"
    )

    def test_a_call_and_its_path_are_one_event(self):
        ((one),), account = read("linux_audit", self.CALL)
        assert (one["object"], one["account"], one["outcome"]) == ("/srv/一覧.csv", "tanaka", "failed")
        assert one["detail"] == "openat NORMAL /bin/cat as root"
        assert account.passed == {"other": 2}

    def test_a_path_without_its_call_is_broken(self):
        assert read("linux_audit", self.CALL.splitlines()[2])[1].passed == {"broken": 1}

    def test_one_without_names_gives_numbers(self):
        ((one),), _ = read("linux_audit", self.CALL.replace("\x1d", "\n").replace("SYSCALL=openat", "x"))
        assert one["account"] == "uid 1000"


class TestWindowsXml:
    ONE = formats()["windows_xml"].example

    def test_events_without_a_root_and_over_several_lines(self):
        text = self.ONE.replace("><", ">\r\n<") + self.ONE + "\r\n" + self.ONE
        assert len(read("windows_xml", text)[0]) == 3

    def test_all_in_one_line_as_the_event_viewer_saves_them(self):
        rows, account = read("windows_xml", f"<?xml version='1.0'?><Events>{self.ONE * 1000}</Events>")
        assert (len(rows), account.passed, account.lines) == (1000, {}, 1)

    def test_a_broken_one_costs_one(self):
        rows, account = read("windows_xml", self.ONE + self.ONE.replace("</System>", "") + self.ONE)
        assert (len(rows), account.passed) == (2, {"broken": 1})

    def test_one_that_never_ends_costs_one(self):
        rows, account = read("windows_xml", self.ONE.removesuffix("</Event>") + self.ONE)
        assert (len(rows), account.passed) == (1, {"broken": 1})

    def test_a_document_type_is_refused_and_entities_are_not_resolved(self):
        bomb = '<!DOCTYPE a [<!ENTITY a "aaaa">]>\n' + self.ONE.replace("tanaka", "&a;")
        rows, account = read("windows_xml", bomb)
        assert (rows, account.passed) == ([], {"broken": 3})

    def test_a_value_that_is_said_twice_is_not_believed(self):
        twice = self.ONE.replace("</EventData>", "<Data Name='TargetUserName'>suzuki</Data></EventData>")
        ((one),), _ = read("windows_xml", twice)
        assert one["account"] == ""

    def test_a_file_with_its_share_and_address(self):
        text = (
            "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><EventID>5145</EventID>"
            "<TimeCreated SystemTime='2015-05-20T00:12:33.0Z'/><Computer>FS01</Computer></System><EventData>"
            "<Data Name='SubjectUserName'>tanaka</Data><Data Name='IpAddress'>10.47.1.31</Data><Data Name='ShareName'>"
            r"\\*\kiroku</Data><Data Name='RelativeTargetName'>一覧.xlsx</Data><Data Name='AccessMask'>0x1</Data>"
            "</EventData></Event>"
        )
        ((one),), _ = read("windows_xml", text)
        assert (one["kind"], one["object"], one["address"]) == ("file", "\\\\*\\kiroku\\一覧.xlsx", "10.47.1.31")


class TestWindowsCsv:
    HEAD = "Keywords,Date and Time,Source,Event ID,Task Category\n"
    FAILED = (
        'Audit Failure,5/20/2015 9:12:33 AM,Microsoft-Windows-Security-Auditing,4625,Logon,"An account failed to log on.\n'
        "\nSubject:\n\tAccount Name:\t\t-\n\nLogon Type:\t\t\t3\n\nAccount For Which Logon Failed:\n"
        "\tAccount Name:\t\t{}\n\tAccount Domain:\t\tKIKO\n\nNetwork Information:\n\tWorkstation Name:\tEVIL\n"
        '\tSource Network Address:\t203.0.113.5\n"\n'
    )

    def test_in_english(self):
        ((one),), _ = read("windows_csv", self.HEAD + self.FAILED.format("tanaka"))
        said = (one["kind"], one["account"], one["terminal"], one["address"])
        assert said == ("logon_failed", "KIKO\\tanaka", "EVIL", "203.0.113.5")

    def test_a_name_that_forges_the_rest_of_the_message_is_not_believed(self):
        forged = "x\n\nNetwork Information:\n\tSource Network Address:\t10.0.0.1"
        ((one),), _ = read("windows_csv", self.HEAD + self.FAILED.format(forged))
        assert one["address"] == ""

    def test_a_name_that_forges_another_event_makes_none(self):
        forged = "x\nAudit Success,5/20/2015 9:12:33 AM,Microsoft-Windows-Security-Auditing,4624,Logon,y"
        rows, account = read("windows_csv", self.HEAD + self.FAILED.format(forged))
        assert [row["kind"] for row in rows] == ["logon_failed"]
        assert account.records == 1

    def test_a_quotation_mark_that_nobody_closes_costs_one_record(self):
        text = self.HEAD + 'Audit Success,5/20/2015 9:12:33 AM,"x,4634,Logoff,\n' + self.FAILED.format("a") * 100
        rows, account = read("windows_csv", text)
        assert len(rows) >= 100
        assert account.records == len(rows) + sum(account.passed.values())

    def test_powershell_names_the_columns_otherwise(self):
        message = self.FAILED.split(",", 5)[5].format("tanaka").strip()
        text = f'#TYPE System.Diagnostics\n"Message","Id","MachineName","TimeCreated"\n{message},"4625","FS01","2015/05/20 9:12:33"\n'
        ((one),), _ = read("windows_csv", text)
        assert (one["host"], one["terminal"]) == ("FS01", "EVIL")
