"""An output as it is read: shown in part or in whole, searched, and replaced by that of the next run."""

from __future__ import annotations

from ftui.tui.document import Document
from ftui.tui.rows import Place


def of(text: str) -> Document:
    document = Document()
    document.append(text)
    scanned(document)
    return document


def scanned(document: Document) -> None:
    while not document.scan(0):
        pass
    document.rows.update()


def rows(document: Document) -> list[str]:
    places = [document.rows.at(row) for row in range(document.rows.count)]
    return [document.lines.plain(place.line) for place in places]


def test_lines_are_given_out_by_their_numbers_without_colours() -> None:
    document = of("one\n\x1b[31mtwo\x1b[0m\nthree\n")

    assert list(document.shown(1, 3)) == [(1, "two"), (2, "three")]
    assert list(document.shown(1, 2)) == [(1, "two")]


def test_lines_that_are_hidden_are_not_given_out() -> None:
    document = of("one\nerror\nthree\n")
    document.show(errors_only=True)
    scanned(document)

    assert rows(document) == ["error"]
    assert list(document.shown(0, 3)) == [(1, "error")]


def test_rows_fit_the_lines_found_after_every_slice_of_a_scan() -> None:
    document = of("error\n" * 1_000 + "error")
    document.show(errors_only=True)
    scanned(document)

    document.append("\rfine\n" + "error\n" * 20_000)
    document.rows.update()
    while not document.scan(0):
        assert set(rows(document)) == {"error"}
    assert document.rows.count == 21_000


def test_what_is_asked_of_the_lines_stays_asked_when_others_take_their_place() -> None:
    document = of("error zebra\nzebra\nerror\n")
    document.show(errors_only=True)
    document.search("zebra", 0)
    scanned(document)

    document.clear()
    document.append("zebra\nerror\nerror zebra\n")
    scanned(document)

    assert rows(document) == ["error", "error zebra"]
    assert document.matches is not None
    assert list(document.matches.scan.found) == [2]


def test_a_match_is_in_the_row_and_the_cells_where_it_starts() -> None:
    document = of("漢字 " * 5 + "zebra\n")
    document.search("zebra", 0)
    scanned(document)
    assert document.matches is not None
    assert document.matches.settle()

    assert document.match_place() == (Place(0, 0), 25, 30)

    document.fold(10)
    assert document.match_place() == (Place(0, 2), 25, 30)


def test_a_match_that_starts_with_a_character_in_the_next_row_is_there() -> None:
    document = of("123漢字\n")
    document.search("漢", 0)
    document.fold(4)
    scanned(document)
    assert document.matches is not None
    assert document.matches.settle()

    assert document.match_place()[0] == Place(0, 1)
