"""The incident of 2015 as its facts come in, and the days that everything else goes by."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

JST = timezone(timedelta(hours=9))
FIRST_INFECTION = datetime(2015, 5, 8, 10, 28, tzinfo=JST)
KNOWN = datetime(2015, 5, 28, 14, 0, tzinfo=JST)
ANNOUNCED = datetime(2015, 6, 1, 17, 0, tzinfo=JST)
REGISTER_BEFORE, REGISTER_AFTER = "2015-05-01", "2015-06-01"

FACTS: dict[str, Any] = {
    "title": "標的型メールによる個人情報流出（架空・2015年の事案による）",
    "kind": "leak",
    "first_infection": FIRST_INFECTION.isoformat(),
    "known_at": KNOWN.isoformat(),
    "known_by": "情報管理対策室",
    "detected_by": "police",
    "announced": ANNOUNCED.isoformat(),
    "offence": "不正指令電磁的記録供用の疑い",
    "complaint": "架空-2015-0619",
    "terminals": 31,
    "systems": [
        {"name": "情報系共有フォルダー", "status": "accessed", "evidence": "プロキシの通信記録と警察からの情報提供"},
        {"name": "基幹システム", "status": "not accessed", "evidence": "物理的に分離。接続記録なし"},
        {"name": "メール専用回線", "status": "not known", "evidence": "6月4日に遮断。通信記録を調査中"},
    ],
    "parties": [
        {"name": "警視庁", "handed": "プロキシの通信記録、感染端末のディスクの写し"},
        {"name": "厚生労働省", "handed": "経過の第一報"},
        {"name": "運用委託会社", "handed": "感染端末のメモリーの写し"},
    ],
    "measures": [
        {"what": "共有フォルダーの個人情報を基幹系の専用領域に移す", "owner": "システム部", "by": "2015-10-01"},
        {"what": "インターネット接続端末と業務端末を分ける", "owner": "システム部", "by": "2015-12-01"},
    ],
}
