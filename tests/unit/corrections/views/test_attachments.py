"""Files of a judgement: added and removed at the workbench, part of what is submitted, read by who may read it."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction

from corrections.models import Attachment, Correction, Draft, Task
from corrections.services import attachments
from reviewapp.core import blobs, clock
from reviewapp.core.events.models import Event
from tests.factories.feedback import WORDS, flagged
from tests.factories.serving import person

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
PDF = b"%PDF-1.7 letter"


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Any) -> Any:
    settings.ATTACHMENTS_DIR = str(tmp_path / "files")
    return tmp_path / "files"


@pytest.fixture
def desk(made, sign, held) -> Any:
    """A reviewer at a case they hold."""
    flagged(made)
    task = Task.objects.get()
    client = sign("reviewer")
    client.task, client.token = task, held(task, client.user)
    client.url = f"/tasks/{task.pk}/attachments"
    return client


def file(name: str = "letter.pdf", content: bytes = PDF) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def correction(client: Any, **changes: Any) -> dict[str, Any]:
    return {
        "token": client.token,
        "verdict": "correct",
        "output_shown": "1",
        "output.action": "decline",
        "reason_code": "income",
        "justification": WORDS,
        **changes,
    }


def test_add__files__are_kept_with_the_draft_and_survive_a_reload(desk):
    shown = desk.post(desk.url, {"files": [file(), file("note.txt", b"Call")]}, headers=HTMX)
    assert shown.status_code == 200
    kept = list(Attachment.objects.values_list("name", "kind", "size"))
    assert kept == [("letter.pdf", "pdf", len(PDF)), ("note.txt", "txt", 4)]
    page = desk.post(f"/tasks/{desk.task.pk}/form", {"token": desk.token, "verdict": "correct"}, headers=HTMX).text
    for row in Attachment.objects.all():
        assert row.name in shown.text
        assert f'name="attachment" value="{row.pk}"' in page


def test_add__without_script__keeps_what_was_typed(desk):
    answer = desk.post(desk.url, {**correction(desk), "files": [file()]})
    assert (answer.status_code, answer.url) == (302, f"/tasks/{desk.task.pk}/")
    assert Draft.objects.get().body["justification"] == WORDS
    refused = desk.post(desk.url, {**correction(desk), "files": [file("a.pdf", b"MZ\x90\x00")]})
    assert refused.status_code == 422
    assert "Only these are taken" in refused.text


def test_add__same_content_again__is_one_file(desk):
    for _ in range(2):
        desk.post(desk.url, {"files": [file()]}, headers=HTMX)
    assert Attachment.objects.count() == 1


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ([], "Choose a file first."),
        ([("a.pdf", b"\x89PNG\r\n\x1a\n1")], "holds PNG picture"),
        ([("a.html", b"<script>")], "Only these are taken"),
        ([(f"{at}.txt", b"%d" % at) for at in range(6)], "At most 5 files"),
    ],
)
def test_add__what_is_not_taken__is_told_and_the_rest_stays(desk, given, words):
    shown = desk.post(desk.url, {"files": [file(*one) for one in given]}, headers=HTMX)
    assert shown.status_code == 422
    assert words in shown.text


def test_add__too_large__is_dropped_while_it_arrives(desk, settings):
    settings.ATTACHMENT_MAX_BYTES = 1000
    shown = desk.post(desk.url, {"files": [file("big.txt", b"x" * 200_000)]}, headers=HTMX)
    assert shown.status_code == 422
    assert "big.txt is too large" in shown.text
    assert not Attachment.objects.exists()


def test_add__case_that_another_holds__is_refused(desk, sign):
    other = sign("reviewer", name="bob")
    assert other.post(desk.url, {"files": [file()]}, headers=HTMX).status_code == 409
    assert sign(name="eve").post(desk.url, {"files": [file()]}, headers=HTMX).status_code == 404
    assert sign("auditor", name="audrey").post(desk.url, {"files": [file()]}, headers=HTMX).status_code == 403
    assert desk.get(desk.url).status_code == 405


def test_remove__own_draft__is_gone_and_not_anybody_elses(desk, sign):
    desk.post(desk.url, {"files": [file()]}, headers=HTMX)
    row = Attachment.objects.get()
    other = sign("reviewer", name="bob")
    assert other.post(f"{desk.url}/{row.pk}/remove", headers=HTMX).status_code == 404
    assert desk.post(f"{desk.url}/{row.pk}/remove", headers=HTMX).status_code == 200
    assert not Attachment.objects.exists()


def test_submit__with_files__binds_them_for_good_and_names_them_in_digest_and_event(desk):
    desk.post(desk.url, {"files": [file(), file("other.txt", b"not meant")]}, headers=HTMX)
    row, loose = Attachment.objects.all()
    said = correction(desk, attachment=[str(row.pk)])
    assert desk.post(f"/tasks/{desk.task.pk}/submit", said, headers=HTMX).status_code == 204
    row.refresh_from_db()
    kept = Correction.objects.get()
    assert (row.correction, loose.correction) == (kept, None)
    assert Event.objects.get(type="correction.submitted").data["attachments"] == [row.digest]
    # A client that lost the answer sends the same again.
    assert desk.post(f"/tasks/{desk.task.pk}/submit", said, headers=HTMX).status_code == 204
    assert Correction.objects.count() == 1
    assert desk.post(f"{desk.url}/{row.pk}/remove", headers=HTMX).status_code == 409
    for statement in ("DELETE FROM corrections_attachment", "UPDATE corrections_attachment SET name = 'x'"):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_submit__unknown_file__comes_back_at_the_files(desk):
    said = correction(desk, attachment=["nonsense"])
    shown = desk.post(f"/tasks/{desk.task.pk}/submit", said, headers=HTMX)
    assert shown.status_code == 422
    assert 'href="#f-attachments"' in shown.text
    assert "There is no such file of yours" in shown.text


def test_content__by_who_may_read_the_judgement__and_never_as_a_page(made, desk, sign):
    desk.post(desk.url, {"files": [file("Über mich.pdf")]}, headers=HTMX)
    row = Attachment.objects.get()
    auditor, rival = sign("auditor", name="audrey"), sign("reviewer", name="bob")
    url = f"/attachments/{row.pk}/"
    assert auditor.get(url).status_code == 404
    answer = desk.get(url)
    assert answer.content == PDF
    assert answer["Content-Disposition"].startswith("attachment; filename*=utf-8''")
    assert (answer["X-Content-Type-Options"], answer["Content-Type"]) == ("nosniff", "application/pdf")
    assert (answer["Content-Security-Policy"], answer["Cache-Control"]) == (
        "sandbox; default-src 'none'",
        "private, no-store",
    )
    desk.post(f"/tasks/{desk.task.pk}/submit", correction(desk, attachment=[str(row.pk)]), headers=HTMX)
    read = auditor.get(url)
    assert (read.status_code, read.content) == (200, PDF)
    assert rival.get(url).status_code == 404
    assert sign(name="eve").get(url).status_code == 404
    assert desk.get("/attachments/0190c1f0-7d3a-7cc4-9a5e-1b2c3d4e5f60/").status_code == 404
    assert desk.post(url).status_code == 405


def test_sweep__what_became_of_nothing__goes_with_its_content(desk, folder, monkeypatch):
    desk.post(desk.url, {"files": [file(), file("a.txt", b"kept")]}, headers=HTMX)
    bound = Attachment.objects.get(name="a.txt")
    assert attachments.sweep(now=clock.now()) == (0, 0)
    desk.post(f"/tasks/{desk.task.pk}/submit", correction(desk, attachment=[str(bound.pk)]), headers=HTMX)
    monkeypatch.setattr(attachments, "_CONTENT_KEPT_SECONDS", -60.0)
    assert attachments.sweep(now=clock.now()) == (1, 1)
    assert attachments.sweep(now=clock.now() + timedelta(days=99)) == (0, 0)
    with blobs.store().open(bound.digest) as kept:
        assert kept.read() == b"kept"
    assert len(list(folder.glob("??/*"))) == 1


def test_bind__somebody_elses_file__is_refused_by_the_database(desk):
    other = person("bob", "reviewer")
    desk.post(desk.url, {"files": [file()]}, headers=HTMX)
    row = Attachment.objects.get()
    desk.post(f"/tasks/{desk.task.pk}/submit", correction(desk), headers=HTMX)
    common = {"name": "x", "kind": "txt", "media_type": "text/plain", "size": 1, "digest": "sha256:x"}
    with pytest.raises(IntegrityError), transaction.atomic():
        Attachment.objects.create(
            task_id=row.task_id, uploader=other, correction=Correction.objects.get(), uploaded_at=clock.now(), **common
        )


def test_content__while_its_author_may_undo__is_theirs_alone(desk, sign, settings):
    settings.UNDO_SECONDS = 30
    desk.post(desk.url, {"files": [file()]}, headers=HTMX)
    row = Attachment.objects.get()
    desk.post(f"/tasks/{desk.task.pk}/submit", correction(desk, attachment=[str(row.pk)]), headers=HTMX)
    assert Correction.objects.get().held_until > clock.now()
    assert sign("auditor", name="audrey").get(f"/attachments/{row.pk}/").status_code == 404
    assert desk.get(f"/attachments/{row.pk}/").status_code == 200
