"""What a file is, told by its content and never by its name alone; and what its name may be."""

import io
import re
import unicodedata
import zipfile
from dataclasses import dataclass

import orjson

# What each kind is called, sent as, and named; the first ending is given to a file without one.
_MEDIA = {
    "pdf": ("PDF", "application/pdf", (".pdf",)),
    "png": ("PNG picture", "image/png", (".png",)),
    "jpeg": ("JPEG picture", "image/jpeg", (".jpg", ".jpeg", ".jpe", ".jfif")),
    "docx": (
        "Word document",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        (".docx",),
    ),
    "xlsx": ("Excel sheet", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", (".xlsx",)),
    "json": ("JSON", "application/json", (".json",)),
    "csv": ("CSV table", "text/csv", (".csv",)),
    "txt": ("text", "text/plain", (".txt", ".md", ".log", ".text")),
}
_OFFICE = {"docx": "word/document.xml", "xlsx": "xl/workbook.xml"}
_MOST_PARTS, _MOST_UNPACKED = 5_000, 200 * 1024 * 1024
_LONGEST_NAME = 120
# Control characters except tab and line ends: what has them is no text.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")
_EXIF = (b"Exif\x00\x00", b"eXIf", b"http://ns.adobe.com/xap/")


class Refused(ValueError):
    """A file that is not taken; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class File:
    """A file as it is kept: its name, its kind, how it is sent, and whether it tells of the camera or place."""

    name: str
    kind: str
    media_type: str
    tells: bool


def recognise(content: bytes, name: str, kinds: tuple[str, ...]) -> File:
    """Return what a file is. Raises `Refused` for an empty one, a kind not among `kinds`, or a name of another kind.

    Recognised by signature: PDF (ISO 32000), PNG (RFC 2083), JPEG (ISO 10918), Office Open XML without macros (ISO
    29500); by reading: JSON (RFC 8259) and text in UTF-8, of which a name that ends in .csv says that it is a table.
    """
    if not content:
        raise Refused("The file is empty. Choose another one.")
    named = clean_name(name)
    ending = named[named.rfind(".") :].lower() if "." in named else ""
    kind = _kind(content, ending)
    if kind is None or kind not in kinds:
        raise Refused(f"Only these are taken: {', '.join(title(one) for one in kinds)}. Choose another file.")
    words, media_type, endings = _MEDIA[kind]
    if ending and ending not in endings and ending in {one for _, _, known in _MEDIA.values() for one in known}:
        raise Refused(f"The file is named {ending} but holds {words}. Rename it, or choose another one.")
    if ending not in endings:
        named = f"{named[: _LONGEST_NAME - len(endings[0])]}{endings[0]}"
    return File(named, kind, media_type, any(mark in content for mark in _EXIF) if kind in {"png", "jpeg"} else False)


def title(kind: str) -> str:
    """Return what people call a kind."""
    return _MEDIA[kind][0]


def endings(kinds: tuple[str, ...]) -> str:
    """Return the endings of these kinds as a browser's file dialogue takes them."""
    return ",".join(ending for kind in kinds for ending in _MEDIA[kind][2])


def clean_name(name: str) -> str:
    """Return a name without folders, control and direction characters, at most 120 characters long."""
    base = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    kept = "".join(one for one in base if unicodedata.category(one) not in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
    kept = re.sub(r'["<>|:*?;]', "_", kept).strip(" .") or "file"
    stem, dot, ending = kept.rpartition(".")
    if len(kept) > _LONGEST_NAME and dot and len(ending) < 10:
        return f"{stem[: _LONGEST_NAME - len(ending) - 1]}.{ending}"
    return kept[:_LONGEST_NAME]


def _kind(content: bytes, ending: str) -> str | None:
    if content.startswith(b"%PDF-"):
        return "pdf"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if content.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if content.startswith(b"PK\x03\x04"):
        return _office(content)
    return _text(content, ending)


def _office(content: bytes) -> str | None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            parts = packed.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return None
    names = {part.filename for part in parts}
    if len(parts) > _MOST_PARTS or sum(part.file_size for part in parts) > _MOST_UNPACKED:
        return None
    if any(part.flag_bits & 0x1 for part in parts) or any(name.lower().endswith("vbaproject.bin") for name in names):
        return None
    return next((kind for kind, part in _OFFICE.items() if part in names and "[Content_Types].xml" in names), None)


def _text(content: bytes, ending: str) -> str | None:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    # Markup could be taken for a page by whatever opens it.
    if _CONTROL.search(text) or text.lstrip().startswith("<"):
        return None
    if ending == ".json":
        try:
            orjson.loads(content.removeprefix(b"\xef\xbb\xbf"))
        except orjson.JSONDecodeError:
            return None
        return "json"
    return "csv" if ending == ".csv" else "txt"
