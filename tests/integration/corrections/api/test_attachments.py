"""Files of a judgement, as a program gives, submits and reads them."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from corrections.models import Attachment, Correction, Task
from tests.factories.feedback import flagged, room
from tests.integration.corrections.api.test_api import ENTRY, caller

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Any) -> None:
    settings.ATTACHMENTS_DIR = str(tmp_path)


def test_attachments__given_submitted_and_read(db: Any) -> None:
    flagged(room())
    amina = caller("amina", "reviewer")
    path = f"tasks/{Task.objects.get().pk}"
    token = amina("post", f"{path}/claim").json()["token"]

    def give(name: str, content: bytes) -> Any:
        file = SimpleUploadedFile(name, content)
        return amina.client.post(f"/api/v1/{path}/attachments", {"file": file}, headers=amina.headers)

    given = give("a.pdf", b"%PDF-1.4")
    assert given.status_code == 201
    assert (given.json()["kind"], given.json()["size"]) == ("pdf", 8)
    assert [one["id"] for one in amina("get", f"{path}/attachments").json()] == [given.json()["id"]]
    loose = give("b.txt", b"no").json()["id"]
    assert amina("delete", f"{path}/attachments/{loose}").status_code == 204
    refused = give("c.pdf", b"no")
    assert (refused.status_code, refused.json()["errors"][0]["path"]) == (422, "attachments")
    assert amina("post", f"{path}/attachments").status_code == 415
    assert amina.client.post(f"/api/v1/{path}/attachments", {}, headers=amina.headers).status_code == 422
    said = {**ENTRY, "token": token, "output": {"action": "decline"}}
    wrong = amina("post", f"{path}/corrections", {**said, "attachments": [loose]})
    assert (wrong.status_code, wrong.json()["errors"][0]["path"]) == (422, "attachments[0]")
    assert amina("post", f"{path}/corrections", {**said, "attachments": [given.json()["id"]]}).status_code == 201
    assert Attachment.objects.get().correction == Correction.objects.get()
    read = amina("get", f"attachments/{given.json()['id']}/content")
    assert read.content == b"%PDF-1.4"
    assert caller("eve")("get", f"attachments/{given.json()['id']}/content").status_code == 404
