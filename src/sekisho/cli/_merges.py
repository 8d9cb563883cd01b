"""What `sekisho merges` says, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sekisho.wording import Text

TAKE = Text(
    "Take the outcome of `sekisho match` up: automatic merges, and questions. The same files again change nothing.",
    "`sekisho match` の結果を取り込みます（自動統合と確認事項）。同じファイルを再度取り込んでも変わりません。",
)
STATUS = Text("Say where all records stand, and which lists are out.", "全記録の状態と割り当て中の一覧を表示します。")
WORKLIST = Text(
    "Give the questions that are worth most to a clerk, as a table to fill in.",
    "価値の高い確認事項から担当者に割り当て、記入用の表を書き出します。",
)
LETTERS = Text(
    "Write tables for letters to the persons: is this yours? They show nothing that a stranger could use.",
    "本人への照会書面の表を書き出します。第三者に悪用される内容は含みません。",
)
BACK = Text("Take a list, or single records of it, back.", "割り当てた一覧（または一部の記録）を戻します。")
ANSWER = Text(
    "Read answers in, of clerks or of persons. A yes with evidence waits for a second clerk.",
    "担当者・本人の回答を読み込みます。証拠のある「はい」は別の担当者の承認待ちになります。",
)
SPLIT = Text(
    "Propose to undo a merge; a second clerk must confirm it.", "統合の取消しを提案します（別の担当者の承認が必要）。"
)
PROPOSALS = Text(
    "Write what waits for a second clerk, to be decided.", "承認待ちの提案を、判断の記入用に書き出します。"
)
CONFIRM = Text("Read what a second clerk decided.", "別の担当者の判断を読み込みます。")
SHOW = Text(
    "Show where a record stands, or which records a holder has.",
    "記録の状態、または台帳の人に統合された記録を表示します。",
)
HISTORY = Text(
    "Show everything that happened to a record or a holder's records.", "記録（または人の全記録）の経緯を表示します。"
)
EXPORT = Text("Write the merges that stand to a file, in clear.", "有効な統合を書き出します（平文）。")
MATCHES = Text("what `sekisho match --to` wrote", "`sekisho match --to` の出力")
RECORDS = Text("the records that were matched, with a column `record`", "照合した記録（record 列が必要）")
MODEL = Text("the model that was used, to be kept with the merges", "照合に使ったモデル（由来として記録）")
ASK_FROM = Text("probability from which to ask (default: 0.05), as for match", "確認を求める確率の下限（既定: 0.05）")
OTHERS = Text("take known record ids for other records than before", "既知の記録番号の内容が変わっていても取り込む")
CLERK = Text("whom the questions are for", "割り当てる担当者")
MOST_QUESTIONS = Text("at most so many questions (default: %(default)s)", "確認事項の上限（既定: %(default)s）")
MOST_LETTERS = Text("at most so many persons (default: %(default)s)", "書面（人）の上限（既定: %(default)s）")
PROTECTED = Text("with the addresses of holders who must not be found", "住所秘匿の対象者の住所も含める")
WHICH_LIST = Text("number of the list", "一覧の番号")
ONLY_RECORD = Text("only this record; may be given several times", "この記録だけ（複数指定可）")
ANSWERS = Text("a list, filled in", "記入済みの一覧")
DECISIONS = Text("proposals, filled in", "記入済みの提案一覧")
RECORD = Text("id of the record", "記録番号")
REASON = Text("why the merge is wrong; kept for good", "統合が誤りである理由（記録に残る）")
WHAT = Text("id of a record, or any number of a holder", "記録番号、または年金番号")
TO = Text("the file; .csv, .parquet or .xlsx says how", "出力先（拡張子 .csv・.parquet・.xlsx で形式を指定）")
FORCE = Text("overwrite FILE", "既存のファイルを上書き")
AGAIN = Text(
    "write a list that is out once more, as far as it is unanswered", "割り当て済みの一覧の未回答分を再度書き出す"
)
WHO = Text(
    "the clerk who does it, as stated; with actors it is who signed in",
    "操作する担当者の名前（申告どおり記録。利用者の登録があればサインインした本人）",
)
NO_SHARE = Text("A probability between 0 and 1 is needed.", "0と1の間の確率を指定してください。")

TAKEN = Text(
    "Taking up {n}: {records:,} {records|record|records} ({new:,} new, {changed:,} changed, {same:,} the same): "
    "{auto:,} merged, {ask:,} to be asked about, {unresolved:,} unresolved, {none:,} without a candidate. Of the "
    "merged, {expected_wrong:.1f} are expected to be wrong.",
    "取り込み{n}: 記録{records:,}件（新規{new:,}、変更{changed:,}、同じ{same:,}）。自動統合{auto:,}件、"
    "要確認{ask:,}件、未解決{unresolved:,}件、候補なし{none:,}件。自動統合のうち誤りの見込みは{expected_wrong:.1f}件。",
)
TAKEN_AGAIN = Text(
    "The same files as taking up {n}: nothing changes.", "取り込み{n}と同じファイルのため、変更はありません。"
)
COLUMN = Text("  {label} -> {column}", "  {label} → {column}")
SHOWN_ONLY = Text("  only shown to clerks: {labels}", "  担当者に表示するだけの列: {labels}")
COUNTED: Mapping[str, Text] = {
    "other": Text(
        "  {n:,} known {n|record names|records name} another person than before",
        "  氏名・生年月日等が以前と異なる既知の記録 {n:,}",
    ),
    "moved": Text(
        "  {n:,} automatic {n|merge|merges} with another holder than before", "  自動統合の相手が変わった記録 {n:,}"
    ),
    "unmerged": Text("  {n:,} {n|record|records} no longer merged automatically", "  自動統合でなくなった記録 {n:,}"),
    "differs": Text(
        "  {n:,} {n|record|records} of which people decided otherwise than matching says now; what they decided stays",
        "  人の判断と今回の照合が異なる記録 {n:,}（人の判断を維持）",
    ),
    "numberless": Text(
        "  {n:,} {n|candidate|candidates} without a number, who cannot be asked about",
        "  番号がなく確認できない候補 {n:,}",
    ),
}
ONE_TAKE = Text("taking up {n}, {when}: {file}, model {model}", "取り込み{n}（{when}）: {file}、モデル {model}")
RECORDS_IN_ALL = Text("{n:,} {n|record|records}:", "記録{n:,}件:")
STATES: Mapping[str, Text] = {
    "auto": Text("merged automatically", "自動統合"),
    "merged": Text("merged by clerks", "担当者による統合"),
    "proposed": Text("asked: waits for a second clerk", "確認中: 別の担当者の承認待ち"),
    "given": Text("asked: given out", "確認中: 割り当て済み"),
    "conflict": Text("asked: answers contradict each other", "確認中: 回答が矛盾"),
    "evidence": Text("asked: a yes without evidence, or refused", "確認中: 証拠が不足"),
    "open": Text("asked: open", "確認中: 未割り当て"),
    "cannot_tell": Text("asked: who was asked cannot tell", "確認中: 判断できないとの回答"),
    "no": Text("answered: nobody's of those asked about", "回答済み: どの候補でもない"),
    "unresolved": Text("unresolved", "未解決"),
    "none": Text("without a candidate", "候補なし"),
}
DISPUTED = Text(
    "{n:,} {n|merge|merges} that an answer speaks against; `sekisho merges worklist` brings them first",
    "統合に反する回答のある記録 {n:,}（`sekisho merges worklist` で先頭に表示）",
)
SPLITS = Text("{n:,} {n|split waits|splits wait} for a second clerk", "取消しの承認待ち {n:,}")
TO_PERSONS = Text("letters to persons", "本人への書面")
LIST = Text(
    "list {n}, {when}, {to}: {out:,} of {questions:,} {questions|question|questions} out",
    "一覧{n}（{when}、{to}）: {questions:,}件中{out:,}件が未回答",
)
GIVEN = Text(
    "List {n} for {to}: {questions:,} {questions|question|questions} in {file}; {open:,} more are open.",
    "一覧{n}（{to}）: {file} に確認事項{questions:,}件。ほかに未割り当て{open:,}件。",
)
WRITTEN = Text(
    "List {n}: {letters:,} {letters|letter|letters} with {questions:,} {questions|question|questions}; {held:,} held, "
    "{open:,} more are open.",
    "一覧{n}: 書面{letters:,}通、確認事項{questions:,}件。保留{held:,}件、ほかに未割り当て{open:,}件。",
)
HELD = Text("  held: {n:,} ({why})", "  保留 {n:,}（{why}）")
AGAIN_WRITTEN = Text("List {n} again: {rows:,} {rows|row|rows} in {file}.", "一覧{n}を再出力: {file} に{rows:,}行。")
IS_BACK = Text("{n:,} {n|question|questions} of list {list} taken back.", "一覧{list}の{n:,}件を戻しました。")
ANSWERED = Text(
    "{new:,} {new|record|records} answered, {known:,} answered so already, {blank:,} {blank|row|rows} left blank; "
    "{proposed:,} {proposed|waits|wait} for a second clerk.",
    "回答{new:,}件、回答済み{known:,}件、空欄{blank:,}行。うち別の担当者の承認待ち{proposed:,}件。",
)
SPLIT_PROPOSED = Text(
    "To split record {record} from its holder is proposed; it stays merged until a second clerk confirms.",
    "記録 {record} の統合の取消しを提案しました。別の担当者が承認するまで統合は有効です。",
)
LISTED = Text(
    "{rows:,} {rows|proposal|proposals} in {file}; {own:,} of your own left out, {void:,} void: something changed.",
    "{file} に提案{rows:,}件。自分の提案{own:,}件は除外、変更により無効{void:,}件。",
)
DECIDED = Text(
    "{confirmed:,} confirmed, {refused:,} refused, {void:,} void: something changed, {known:,} decided so already, "
    "{blank:,} left open.",
    "承認{confirmed:,}件、却下{refused:,}件、変更により無効{void:,}件、判断済み{known:,}件、未判断{blank:,}件。",
)
EXPORTED = Text("{rows:,} {rows|merge|merges} in {file}.", "{file} に統合{rows:,}件を書き出しました。")
IS_DISPUTED = Text("disputed", "異議あり")
IS_ASKED = Text("asked about", "確認対象")
BY: Mapping[str, Text] = {"program": Text("automatically", "自動"), "clerks": Text("by clerks", "担当者")}
KINDS: Mapping[str, Text] = {"merge": Text("merge", "統合"), "split": Text("split", "取消し")}
MERGED_WITH = Text("  merged with {holder} ({by})", "  {holder} に統合（{by}）")
ONE_ANSWER = Text("  {by}: {holder}: {answer}", "  {by}: {holder}: {answer}")
ONE_PROPOSAL = Text("  proposed by {who}: {kind}, {holder}, {hash}", "  提案（{who}）: {kind}、{holder}、{hash}")
HOLDER = Text(
    "{holder}: {n:,} {n|record|records} merged, {asked:,} asked about", "{holder}: 統合{n:,}件、確認対象{asked:,}件"
)
HAPPENED: Mapping[str, Text] = {
    "said": Text("taking up {take}: {outcome} {candidates}", "取り込み{take}: {outcome} {candidates}"),
    "given": Text("given out: list {list}", "割り当て: 一覧{list}"),
    "back": Text("taken back: list {list}", "戻し: 一覧{list}"),
    "answered": Text("{by}: {answers}", "{by}: {answers}"),
    "proposed": Text("proposed: {kind} {holder} {evidence} {remark}", "提案: {kind} {holder} {evidence} {remark}"),
    "confirmed": Text("confirmed {hash} {remark}", "承認 {hash} {remark}"),
    "refused": Text("refused {hash} {remark}", "却下 {hash} {remark}"),
    "void": Text("void, changed since: {hash}", "変更により無効: {hash}"),
}


def told(kind: str, value: Mapping[str, Any]) -> dict[str, object]:
    """The values of an act as its line of `HAPPENED` shows them."""
    if kind == "said":
        shown = ", ".join(f"{one['holder']} {one['probability']:.4f}" for one in value["candidates"])
        return {**value, "candidates": shown}
    if kind == "answered":
        each = (" ".join([one["holder"], one["answer"], *one["evidence"], one["remark"]]) for one in value["answers"])
        return {**value, "answers": "; ".join(one.strip() for one in each)}
    if kind == "proposed":
        return {**value, "kind": KINDS[value["kind"]], "evidence": " ".join(value["evidence"])}
    return {"remark": "", **value, "hash": value.get("hash", "")[:14]}
