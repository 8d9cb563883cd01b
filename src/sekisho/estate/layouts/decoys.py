"""What looks like personal data and is none: no document made here holds a record."""

from __future__ import annotations

import polars as pl

from sekisho.estate.content import NOTICE_LONG, Book, Draft, Letter, Lines, Nested, Picture, Row, Sheet
from sekisho.estate.layouts.listing import Hand
from sekisho.estate.layouts.office import CLERKS, DESKS, day, extension, signature, telephone
from sekisho.estate.places import PREFECTURES, towns
from sekisho.model import Outcome, Reason


def _book(title: str, rows: list[Row], sheet: str = "Sheet1") -> Draft:
    return Draft(Book((Sheet(sheet, rows),), title))


def _ten(hand: Hand, mark: str = "-") -> str:
    """Ten digits as a pension number has them."""
    return f"{hand.dice.between(1, 47):02}{hand.dice.between(1, 60):02}{mark}{hand.dice.between(0, 999_999):06}"


def _twelve(hand: Hand) -> str:
    return f"{hand.dice.between(10**11, 10**12 - 1)}"


def products(rows: pl.DataFrame, hand: Hand) -> Draft:
    """Parts whose numbers have the shape of a pension number."""
    dice = hand.dice
    heads = dice.pick((("品番", "品名", "単価", "在庫数"), ("商品コード", "商品名", "価格", "数量")))
    names = ("ボールペン黒", "コピー用紙A4", "封筒（長3）", "トナーカートリッジ", "フラットファイル", "電卓", "朱肉")
    mark = dice.pick(("-", ""))
    body = [(_ten(hand, mark), dice.pick(names), dice.between(80, 9_800), dice.between(0, 500)) for _ in range(120)]
    return _book("消耗品在庫一覧", [("消耗品在庫一覧",), (), heads, *body])


def brands(rows: pl.DataFrame, hand: Hand) -> Draft:
    """Goods that go by surnames, with ten-digit numbers and dates of the Japanese eras."""
    dice = hand.dice
    names = ("山本", "高島", "菊正宗", "森永", "石川", "松本", "大和", "吉野", "三島", "長崎屋", "小林", "武田")
    kinds = ("海苔", "味噌", "酒造", "製菓", "茶園", "")
    body = [
        (_ten(hand, dice.pick(("-", ""))), dice.pick(names) + dice.pick(kinds), day(dice, 1, 27)) for _ in range(60)
    ]
    return _book("取扱商品一覧", [("商品番号", "商品名", "発売日"), *body])


def office_codes(rows: pl.DataFrame, hand: Hand) -> Draft:
    """The codes with which pension numbers begin, and the offices they stand for."""
    dice = hand.dice
    body = [(f"{p + 1:02}{dice.between(1, 60):02}", f"{PREFECTURES[p]}社会保険事務所") for p in range(47)]
    return _book("課所符号一覧", [("課所符号", "事務所名"), *body])


def slips(rows: pl.DataFrame, hand: Hand) -> Draft:
    """Shipping slips: numbers of ten and twelve digits, dates, weights."""
    dice = hand.dice
    body = [
        (
            _ten(hand, ""),
            f"2015/{dice.between(1, 5)}/{dice.between(1, 28)}",
            _twelve(hand),
            dice.between(1, 30),
        )
        for _ in range(80)
    ]
    return _book("発送管理", [("伝票番号", "発送日", "送り状番号", "個数"), *body])


def offices(rows: pl.DataFrame, hand: Hand) -> Draft:
    """The offices with their addresses and telephones."""
    dice = hand.dice
    places = towns()[dice.column(40, towns().height)].to_dicts()
    body = [
        (f"{p['city']}年金事務所", p["postal_code"], f"{p['prefecture']}{p['city']}{p['town']}1-1", telephone(dice))
        for p in places
    ]
    return _book(
        "年金事務所一覧",
        [("年金事務所一覧（平成27年4月現在）",), ("事務所名", "郵便番号", "所在地", "電話番号"), *body],
    )


def extensions(rows: pl.DataFrame, hand: Hand) -> Draft:
    """The office's own telephone list: desks and their clerks."""
    dice = hand.dice
    body = [(dice.pick(DESKS), f"担当：{clerk}", extension(dice), telephone(dice)) for clerk in CLERKS]
    return _book("内線番号表", [("内線番号表",), ("部署", "担当", "内線", "直通"), *body])


def statistics(rows: pl.DataFrame, hand: Hand) -> Draft:
    """Counts by prefecture."""
    dice = hand.dice
    body = [
        (p, dice.between(10**5, 10**6), dice.between(10**5, 10**6), round(dice.between(400, 800) / 10, 1))
        for p in PREFECTURES
    ]
    return _book(
        "都道府県別統計",
        [
            ("都道府県別 被保険者数・受給者数",),
            ("都道府県", "被保険者数", "受給者数", "納付率（%）"),
            *body,
            ("合計", None, None, None),
        ],
    )


def template(rows: pl.DataFrame, hand: Hand) -> Draft:
    """An empty list with an example of how to fill it in."""
    heads = ("基礎年金番号", "氏名", "フリガナ", "生年月日", "住所", "電話番号")
    sample = (
        "1234-567890",
        "年金　太郎",
        "ネンキン　タロウ",
        "昭和25年1月1日",
        "東京都杉並区高井戸西3-5-24",
        "03-0000-0000",
    )
    blanks: list[Row] = [(i + 1,) for i in range(15)]
    return _book("届出様式", [("被保険者届出一覧（様式）",), ("", *heads), ("記入例", *sample), *blanks])


def form_template(rows: pl.DataFrame, hand: Hand) -> Draft:
    """An empty form, its labels without values, and how to fill it in."""
    lines = (
        "国民年金被保険者住所変更届（様式）", "", "基礎年金番号：", "氏　　名：", "生年月日：　　年　　月　　日",
        "住　　所：", "電話番号：", "", "【記入例】", "基礎年金番号：1234-567890", "氏　　名：年金　太郎",
        "生年月日：昭和25年1月1日", "住　　所：東京都杉並区高井戸西3-5-24", "", NOTICE_LONG,
    )  # fmt: skip
    return Draft(Letter(lines, "住所変更届（様式）"))


def manual(rows: pl.DataFrame, hand: Hand) -> Draft:
    """A manual that speaks of numbers and shows their shape."""
    lines = (
        "基礎年金番号の取扱いについて", "",
        "基礎年金番号は、課所符号4桁と一連番号6桁の計10桁（例：1234-567890）で構成される。",
        "氏名・生年月日・住所とともに記載された帳票は、必ず施錠保管すること。",
        f"不明な点は管理グループ（{extension(hand.dice)}、電話{telephone(hand.dice, '03')}）まで。",
        "受付時間は平日8時30分から17時15分まで。", "文書番号：2014-000315　改訂：平成26年4月1日",
    )  # fmt: skip
    return Draft(Letter(lines, "取扱要領"))


def log(rows: pl.DataFrame, hand: Hand) -> Draft:
    """A log of a server: times, addresses of machines, identifiers of ten digits."""
    dice = hand.dice
    lines = [
        f"2015-04-{dice.between(1, 30):02} {dice.between(8, 18):02}:{dice.between(0, 59):02}:{dice.between(0, 59):02} "
        f"{dice.pick(('INFO', 'WARN', 'INFO', 'ERROR'))} [{_ten(hand, '')}] batch NKJ{dice.between(100, 999)} "
        f"host=10.{dice.between(0, 255)}.{dice.between(0, 255)}.{dice.between(1, 254)} ms={dice.between(1, 9_000)}"
        for _ in range(400)
    ]
    return Draft(Lines(lines, "batch.log"))


def invoice(rows: pl.DataFrame, hand: Hand) -> Draft:
    """A supplier's invoice with its account and telephone."""
    dice = hand.dice
    lines: list[Row] = [
        ("請求書", None, None, f"請求番号 {_ten(hand)}"),
        ("日本事務機株式会社　御中",),
        ("東都文具株式会社", None, "TEL", telephone(dice, "03")),
        ("振込先", "みずほ銀行　新宿支店　普通　0123456"),
        (),
        ("品名", "数量", "単価", "金額"),
    ]
    body: list[Row] = [
        (
            dice.pick(("用紙", "封筒", "トナー", "ファイル")),
            q := dice.between(1, 50),
            p := dice.between(100, 5_000),
            q * p,
        )
        for _ in range(12)
    ]
    return _book("請求書", [*lines, *body, ("合計", None, None, dice.between(10**4, 10**6))])


def postal_codes(rows: pl.DataFrame, hand: Hand) -> Draft:
    """A table of postal codes and towns, nobody living in them."""
    places = towns()[hand.dice.column(150, towns().height)].select("postal_code", "prefecture", "city", "town").rows()
    return _book("郵便番号一覧", [("郵便番号", "都道府県", "市区町村", "町域"), *places])


def assets(rows: pl.DataFrame, hand: Hand) -> Draft:
    """Machines whose asset numbers have twelve digits, of which every tenth passes for a My Number."""
    dice = hand.dice
    kinds = ("ノートPC", "デスクトップPC", "プリンター", "スキャナー", "サーバー")
    rooms = ("2階", "3階", "書庫")
    body = [(_twelve(hand), dice.pick(kinds), day(dice, 20, 27), dice.pick(rooms)) for _ in range(90)]
    return _book("物品管理台帳", [("資産番号", "品名", "取得年月日", "設置場所"), *body])


def calendar(rows: pl.DataFrame, hand: Hand) -> Draft:
    """Dates in the Japanese eras that are nobody's birthdays."""
    dice = hand.dice
    body = [
        (f"平成27年{m}月{dice.between(1, 28)}日", dice.pick(("定例会議", "締切", "研修", "監査", "棚卸")))
        for m in range(1, 13)
    ]
    return _book("年間予定表", [("平成27年度 年間予定表",), ("日付", "行事"), *body])


def notice(rows: pl.DataFrame, hand: Hand) -> Draft:
    """A mail about a meeting, signed by a clerk."""
    dice = hand.dice
    clerk = dice.pick(CLERKS)
    lines = (
        "各位",
        "",
        f"お疲れさまです。総務グループの{clerk}です。",
        f"来る{dice.between(4, 5)}月{dice.between(1, 28)}日の定例会議の資料を送ります。",
        f"会議室の予約番号は{_ten(hand)}です。",
        "",
        *signature(dice, clerk),
        "soumu@mail.example.or.jp",
    )
    return Draft(Letter(lines, "定例会議について"))


def settings(rows: pl.DataFrame, hand: Hand) -> Draft:
    """The settings of a program, with numbers and names of machines."""
    dice = hand.dice
    value = {
        "件名": "突合システム設定",
        "server": {"name": "tougou01", "port": 8_080, "build": _ten(hand, "")},
        "jobs": [{"id": _ten(hand), "name": f"NKJ{dice.between(100, 999)}", "date": "2015-04-01"} for _ in range(12)],
    }
    return Draft(Nested(value, "settings"))


def scan(rows: pl.DataFrame, hand: Hand) -> Draft:
    """A scanned page: only an image, nothing to be read without OCR."""
    lines = tuple(f"No. {_ten(hand)}   1948-04-06   FORM A-12" for _ in range(12))
    return Draft(Picture(lines, "scan"), outcome=Outcome.PARTLY_READ, reason=Reason.NO_TEXT)


def nothing(rows: pl.DataFrame, hand: Hand) -> Draft:
    """An empty file."""
    return Draft(Lines([]), reason=Reason.EMPTY)


def noise(rows: pl.DataFrame, hand: Hand) -> Draft:
    """A file of no known kind."""
    return Draft(Lines([]), outcome=Outcome.UNSUPPORTED, reason=Reason.UNKNOWN_KIND)
