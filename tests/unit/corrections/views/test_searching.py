"""The search page, files of what it finds, and saved views."""

import csv
import io
import json

import pytest
from django.test import Client

from corrections.models import SavedView, Task
from reviewapp.core.events.models import Event
from tests.factories.feedback import flagged, hand_on, submit
from tests.factories.serving import person, personal_key, world
from tests.unit.corrections.views.pages import main

pytestmark = pytest.mark.django_db


def body(answer) -> bytes:
    return b"".join(answer.streaming_content)


@pytest.mark.parametrize("kind", ["tasks", "decisions"])
def test_page__words__show_the_case(made, sign, kind):
    flagged(made)
    page = main(sign("reviewer").get("/search/", {"kind": kind, "q": "car"}))
    assert "car, 900" in page
    assert "CSV" in page


def test_page__corrections__show_author_and_words(made, sign):
    ada = person("ada2", "reviewer")
    submit(Task.objects.get(decision=flagged(made)), ada)
    hand_on()
    page = main(sign("auditor").get("/search/", {"kind": "corrections", "q": "payslip"}))
    assert ada.display_name in page
    assert "The income on the payslip" in page


def test_page__htmx__gets_the_results_alone(made, sign):
    flagged(made)
    answer = sign("reviewer").get("/search/", {"q": "car"}, headers={"hx-request": "true", "hx-target": "results"})
    assert answer.text.lstrip().startswith('<section id="results"')


def test_page__fault__is_told_with_the_mend_and_the_text_stays(made, sign):
    page = main(sign("reviewer").get("/search/", {"q": "status:auto"}))
    assert "There is no status: in tasks" in page
    assert 'value="status:auto"' in page


def test_page__nothing_found__says_what_to_try(made, sign):
    assert "Nothing found" in main(sign("reviewer").get("/search/", {"q": "zeppelin"}))
    assert "agent" in main(sign("reviewer", name="bo").get("/search/", {"kind": "decisions", "q": "agent:nowhere"}))
    assert sign("reviewer", name="cy").get("/search/", {"kind": "people", "after": "x"}).status_code == 200


def test_page__wrong_verb_or_nobody__is_refused(made, sign):
    assert sign("reviewer").post("/search/").status_code == 405
    assert Client().get("/search/").status_code == 302


def test_export__csv__holds_the_rows_and_is_on_record(made, sign):
    decision = flagged(made)
    answer = sign("auditor").get("/search/export", {"kind": "decisions", "q": "car agent:lending", "format": "csv"})
    assert answer["Content-Disposition"].startswith("attachment")
    rows = list(csv.DictReader(io.StringIO(body(answer).decode("utf-8-sig"), newline="")))
    assert [row["id"] for row in rows] == [str(decision.pk)]
    began = Event.objects.get(type="search.exported")
    assert began.data == {"kind": "decisions", "format": "csv", "fields": {"agent": "lending"}, "words": 1}
    ended = Event.objects.get(type="search.export_finished")
    assert (ended.subject_id, ended.data) == (began.subject_id, {"rows": 1, "complete": True})


def test_export__left_halfway__is_on_record_as_incomplete(made, sign):
    flagged(made)
    answer = sign("auditor").get("/search/export", {"kind": "decisions"})
    pieces = iter(answer.streaming_content)
    next(pieces)
    next(pieces)
    answer._resource_closers[-1]()  # what the server does when the browser went away
    assert Event.objects.get(type="search.export_finished").data["complete"] is False


def test_export__json_lines_and_parquet__hold_the_same(made, sign):
    import pyarrow.parquet as pq

    flagged(made)
    client = sign("auditor")
    lines = body(client.get("/search/export", {"kind": "tasks", "format": "jsonl"})).decode().splitlines()
    table = pq.read_table(io.BytesIO(body(client.get("/search/export", {"kind": "tasks", "format": "parquet"}))))
    (row,) = table.to_pylist()
    assert json.loads(lines[0])["id"] == row["id"]
    assert str(table.schema.field("due_at").type) == "timestamp[us, tz=UTC]"


def test_export__of_nothing__is_a_file_with_its_columns(made, sign):
    import pyarrow.parquet as pq

    client = sign("auditor")
    asked = {"kind": "corrections", "q": "zeppelin"}
    assert body(client.get("/search/export", asked)).decode("utf-8-sig").startswith("id,decision_id")
    table = pq.read_table(io.BytesIO(body(client.get("/search/export", {**asked, "format": "parquet"}))))
    assert (table.num_rows, "justification" in table.column_names) == (0, True)


def test_export__what_cannot_be__is_refused(made, sign):
    client = sign("auditor")
    assert client.get("/search/export", {"format": "xlsx"}).status_code == 404
    assert client.get("/search/export", {"q": "status:auto"}).status_code == 422
    assert client.get("/search/export", {"kind": "decisions", "q": "agent:nowhere"}).status_code == 404
    assert not Event.objects.filter(type="search.exported").exists()


def test_view__saved_shared_and_deleted(made, sign):
    flagged(made)
    client, other = sign("reviewer"), sign("auditor", name="eva")
    page = client.post("/search/views/save", {"name": "Cars", "kind": "tasks", "q": "car"}, follow=True)
    assert "Cars" in main(page)
    view = SavedView.objects.get()
    assert "Cars" not in main(other.get("/search/"))
    client.post(f"/search/views/{view.pk}/", {"op": "share"})
    assert "Cars" in main(other.get("/search/"))
    assert '<span class="count">1</span>' in other.get("/search/views/").text
    assert other.post(f"/search/views/{view.pk}/", {"op": "delete"}).status_code == 404
    client.post(f"/search/views/{view.pk}/", {"name": "Vans"})
    assert SavedView.objects.get().name == "Vans"
    client.post(f"/search/views/{view.pk}/", {"op": "delete"})
    assert not SavedView.objects.exists()
    assert [one.type for one in Event.objects.filter(type__startswith="view.").order_by("pk")] == [
        "view.saved",
        "view.changed",
        "view.changed",
        "view.deleted",
    ]


@pytest.mark.parametrize("changes", [{"name": " "}, {"name": "x" * 81}, {"q": "status:auto"}, {"kind": "people"}])
def test_view__that_cannot_be__is_told_and_not_kept(made, sign, changes):
    page = sign("reviewer").post("/search/views/save", {"name": "A", "kind": "tasks", "q": "", **changes}, follow=True)
    assert page.status_code == 200
    assert not SavedView.objects.exists()


def test_view__shared_of_an_agent_out_of_sight__shows_no_count(made, sign):
    sign("auditor").post(
        "/search/views/save", {"name": "Theirs", "kind": "decisions", "q": "agent:lending", "shared": "on"}
    )
    stranger = sign("auditor", agent=world(slug="elsewhere").agent, name="bo")
    shown = stranger.get("/search/views/").text
    assert "Theirs" in shown
    assert 'class="count"' not in shown


def test_api__search_export_and_views(made, sign):
    decision = flagged(made)
    user = sign("auditor").user
    key = {"HTTP_AUTHORIZATION": f"Bearer {personal_key(user, 'read')}"}
    client = Client()
    found = client.get("/api/v1/search", {"kind": "decisions", "q": "car"}, **key).json()
    assert ([row["id"] for row in found["rows"]], found["next"]) == ([str(decision.pk)], None)
    wrong = client.get("/api/v1/search", {"kind": "decisions", "q": "verdict:agree"}, **key)
    assert (wrong.status_code, [one["path"] for one in wrong.json()["errors"]]) == (422, ["q"])
    file = client.get("/api/v1/search/export", {"kind": "decisions", "file": "jsonl"}, **key)
    assert json.loads(body(file))["id"] == str(decision.pk)
    made_view = client.post(
        "/api/v1/search/views", {"name": "A", "kind": "tasks"}, content_type="application/json", **key
    ).json()
    at = f"/api/v1/search/views/{made_view['id']}"
    assert client.patch(at, {"shared": True}, content_type="application/json", **key).json()["shared"] is True
    assert [one["name"] for one in client.get("/api/v1/search/views", **key).json()] == ["A"]
    assert client.get(at, **key).json()["owner"] == user.username
    assert client.delete(at, **key).status_code == 204
    assert client.get(at, **key).status_code == 404
