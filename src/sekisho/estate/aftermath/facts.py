"""The incident of 2015 as its facts came in, and the days that everything else goes by."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

JST = timezone(timedelta(hours=9))
FIRST_INFECTION = datetime(2015, 5, 8, 10, 28, tzinfo=JST)
ANNOUNCED = datetime(2015, 6, 1, 17, 0, tzinfo=JST)
REGISTER_BEFORE, REGISTER_AFTER = "2015-05-01", "2015-06-01"
TITLE = "標的型メールによる個人情報の流出（架空）"

FACTS: tuple[tuple[str, ...], ...] = (
    ("kind", "leak"),
    ("zone", "Asia/Tokyo"),
    ("infected", "--at", "2015-05-08T10:28", "--how", "標的型メールのリンク", "--evidence", "通信記録"),
    ("known", "九州ブロック本部", "--at", "2015-05-08T15:00", "--through", "NISC", "--evidence", "不審な通信の連絡"),
    ("known", "情報管理対策室", "--at", "2015-05-28T14:00", "--through", "警視庁", "--evidence", "流出ファイルの発見"),
    ("terminal", "KYUSHU-01", "--infected", "2015-05-08T10:28", "--evidence", "ディスクの写し"),
    ("terminal", "HONBU-03", "--infected", "2015-05-18T09:58", "--evidence", "ディスクの写し"),
    ("terminal", "TOKYO-27", "--infected", "2015-05-20T11:12", "--evidence", "横展開の痕跡"),
    ("system", "情報系共有フォルダー", "accessed", "--as-of", "2015-05-28", "--evidence", "プロキシの通信記録"),
    ("system", "基幹システム", "not_accessed", "--as-of", "2015-06-01", "--evidence", "物理的に分離。接続記録なし"),
    ("system", "メール専用回線", "not_known", "--as-of", "2015-06-04", "--evidence", "遮断済み。通信記録を調査中"),
    ("event", "感染端末のケーブルを抜線", "--at", "2015-05-08T14:30"),
    ("event", "非公開アドレスへ約100通のメール", "--at", "2015-05-18T09:58"),
    ("event", "個人情報の流出（21日から23日まで）", "--at", "2015-05-21"),
    ("event", "インターネットとの接続を遮断", "--at", "2015-05-29"),
    ("event", "公表", "--at", "2015-06-01T17:00"),
    ("event", "メール専用回線を遮断", "--at", "2015-06-04"),
    ("offence", "yes", "--what", "不正指令電磁的記録供用", "--complaint", "架空-2015-0528", "--authority", "警視庁"),
    ("party", "警視庁", "police"),
    ("party", "厚生労働省", "ministry"),
    ("party", "架空セキュリティ株式会社", "security_firm"),
    ("handed", "警視庁", "通信記録とディスクの写し", "--at", "2015-05-29T15:00", "--by", "システム部"),
    ("law", "jp_public", "yes", "--why", "行政機関等に当たる"),
    ("law", "jp_private", "no", "--why", "行政機関等に当たる"),
    ("law", "eu_gdpr", "no", "--why", "域内で事業を行っていない"),
    ("law", "us_ca", "no", "--why", "州内で事業を行っていない"),
    ("circumstance", "improper_purpose", "yes", "--evidence", "不正アクセスによる"),
    ("item", "summary", "職員の端末が感染し、共有フォルダーの個人情報が外部に持ち出された", "--sure", "known"),
    ("item", "response_to_persons", "全員に文書で通知し、番号を変更する。専用窓口を設けた", "--sure", "known"),
    ("item", "cause", "標的型メールのリンクを開き、横展開により端末の感染が広がった", "--sure", "known"),
    ("item", "secondary_damage", "流出した番号による住所・口座の変更のおそれ（点検中）", "--sure", "estimated"),
    ("measure", "個人情報を基幹系に移す", "--owner", "システム部長", "--due", "2015-10-01", "--aim", "prevention"),
    ("measure", "番号を変更し、旧番号を監視する", "--owner", "年金部長", "--due", "2016-03-31", "--aim", "response"),
)  # fmt: skip
"""Each as `sekisho incident add` takes it; what belongs to the incident is added as its files come."""
