"""Files are told by their content; their names are made harmless."""

import io
import zipfile

import pytest

from agents.contracts.proof import KINDS
from corrections.rules.files import Refused, clean_name, endings, recognise

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 20


def office(*parts: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as packed:
        for part in ("[Content_Types].xml", *parts):
            packed.writestr(part, "x")
    return made.getvalue()


@pytest.mark.parametrize(
    ("content", "name", "kind", "kept"),
    [
        (b"%PDF-1.7\n", "a.pdf", "pdf", "a.pdf"),
        (PNG, "shot", "png", "shot.png"),
        (b"\xff\xd8\xff\xe0", "photo.JPEG", "jpeg", "photo.JPEG"),
        (office("word/document.xml"), "letter.docx", "docx", "letter.docx"),
        (office("xl/workbook.xml"), "sheet.xlsx", "xlsx", "sheet.xlsx"),
        (b'{"a": 1}', "a.json", "json", "a.json"),
        (b"a;b\n1;2\n", "a.csv", "csv", "a.csv"),
        ("Grüße".encode(), "notes.md", "txt", "notes.md"),
        (PNG, "run.exe", "png", "run.exe.png"),
    ],
)
def test_recognise__known_kinds__by_content(content, name, kind, kept):
    found = recognise(content, name, KINDS)
    assert (found.kind, found.name) == (kind, kept)


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"", "a.txt", "empty"),
        (PNG, "a.pdf", "holds PNG picture"),
        (b"MZ\x90\x00", "a.png", "Only these"),
        (b"<svg onload=alert(1)>", "a.txt", "Only these"),
        (b" \n<!doctype html>", "a.csv", "Only these"),
        (b"{broken", "a.json", "Only these"),
        (office("word/document.xml", "word/vbaProject.bin"), "a.docx", "Only these"),
        (office("other"), "a.docx", "Only these"),
        (b"PK\x03\x04broken", "a.docx", "Only these"),
        (b"plain", "a.pdf", "holds text"),
    ],
)
def test_recognise__anything_else__is_refused_with_why(content, name, words):
    with pytest.raises(Refused, match=words):
        recognise(content, name, KINDS)


def test_recognise__kind_that_the_contract_leaves_out__is_refused():
    with pytest.raises(Refused, match="Only these are taken: PDF"):
        recognise(PNG, "a.png", ("pdf",))


def test_recognise__picture_with_camera_data__tells():
    assert recognise(b"\xff\xd8\xff\xe1\x00\x10Exif\x00\x00", "a.jpg", KINDS).tells
    assert not recognise(PNG, "a.png", KINDS).tells


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\temp\\a.pdf", "a.pdf"),
        ("gpj.\u202eexe.pdf", "gpj.exe.pdf"),
        ('a"b;c\r\n.txt', "a_b_c.txt"),
        ("", "file"),
        ("x" * 200 + ".pdf", "x" * 116 + ".pdf"),
    ],
)
def test_clean_name__hostile__is_harmless(name, kept):
    assert clean_name(name) == kept


def test_endings__for_a_file_dialogue():
    assert endings(("pdf", "jpeg")) == ".pdf,.jpg,.jpeg,.jpe,.jfif"
