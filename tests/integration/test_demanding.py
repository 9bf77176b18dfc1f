"""A demanding contract (references, alternatives, formats, lists of objects) from the request to the stored correction."""

import copy
import json
import re
from html.parser import HTMLParser
from typing import Any

import pytest
from django.test import Client

from agents.models import Decision
from corrections.models import Correction, Task
from corrections.services import tasks
from tests.factories import serving
from tests.factories.demanding import ANSWER, GIVEN, demanding
from tests.factories.feedback import WORDS, Room, hand_on

pytestmark = pytest.mark.django_db

# One fault a field, by its path in the answer, and what the sentence must name.
WRONG: tuple[tuple[str, Any, str], ...] = (
    ("action", "maybe", "Choose one of approve, refer, decline"),
    ("limit", 7, "multiple of 50"),
    ("limit", -50, "more than 0"),
    ("from_day", "31.01.2027", "2027-01-31"),
    ("call_at", "tomorrow", "2027-01-31T09:30:00Z"),
    ("opens", "09:30", "09:30:00Z"),
    ("mail", "ada", "someone@example.org"),
    ("page", "no page", "https://example.org/case/7"),
    ("ticket", "7", "0190c1f0"),
    ("address", "1.2.3", "192.0.2.7"),
    ("code", "xy", "^[A-Z]{2}-[0-9]{3}$"),
    ("months", 61, "at most 60"),
    ("months", 5, "at least 6"),
    ("level", 3, "Choose one of 1, 2, special"),
    ("tags[0]", "late", "Choose one of fast, slow"),
    ("home.zip", "x", "^[0-9]{5}$"),
    ("parts[1].amount", 0.3, "multiple of 0.5"),
    ("parts[1].kind", "gift", "Choose one of fee, rate"),
    ("parts[0].due", "soon", "2027-01-31"),
    ("note.answers[0].text", 7, "Send text"),
)


class _Form(HTMLParser):
    """What a browser would send of the review form, and the name by which each of its controls is told."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.sent: list[tuple[str, str]] = []
        self.labels: set[str] = set()
        self.controls: dict[str, str] = {}
        self._open: tuple[str, list[str]] | None = None
        self._select = ""
        self._skipped = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        at = dict(attrs)
        name = at.get("name") or ""
        if tag == "noscript":
            self._skipped += 1
        if tag == "label" and at.get("for"):
            self.labels.add(str(at["for"]))
        if tag == "select":
            self._select = name
        if tag == "option" and "selected" in at:
            self.sent.append((self._select, str(at["value"])))
        if tag == "textarea":
            self._open = (name, [])
        if (
            tag == "input"
            and not self._skipped
            and name
            and ("checked" in at or at.get("type") not in ("checkbox", "radio"))
        ):
            self.sent.append((name, at.get("value") or ""))
        if (
            name.startswith("output.")
            and tag in {"input", "select", "textarea"}
            and at.get("type") not in ("hidden", "checkbox")
        ):
            self.controls[name] = str(at.get("id"))

    def handle_data(self, data: str) -> None:
        if self._open:
            self._open[1].append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "noscript":
            self._skipped -= 1
        if tag == "textarea" and self._open:
            self.sent.append((self._open[0], "\r\n".join("".join(self._open[1]).splitlines())))
            self._open = None


@pytest.fixture
def room() -> Room:
    return demanding()


def propose(room: Room, output: Any, *, document: Any = None, mode: str = "proposal") -> Any:
    told = {"output": output, "confidence": 0.4}
    if mode == "record":
        told["decided_at"] = "2026-01-31T09:30:00Z"
    body = {"input": GIVEN if document is None else document, mode: told}
    return Client().post(room.world.url, json.dumps(body), content_type="application/json", headers=room.world.auth)


def changed(path: str, value: Any) -> dict[str, Any]:
    """Return the answer with one value replaced."""
    made = copy.deepcopy(ANSWER)
    place: Any = made
    *steps, last = [int(step) if step.isdecimal() else step for step in re.findall(r"\w+", path)]
    for step in steps:
        place = place[step]
    place[last] = value
    return made


class Desk:
    """A reviewer at the one case, with the form as their browser holds it."""

    def __init__(self, room: Room) -> None:
        assert propose(room, ANSWER).status_code in {200, 201, 202}
        hand_on()
        self.task = Task.objects.get()
        self.user = serving.person("ada", "reviewer")
        self.client = Client()
        self.client.force_login(self.user)
        self.token = tasks.claim_one(task_id=self.task.pk, by=self.user).token

    def form(self) -> _Form:
        """Choose the verdict without script and return the form that is shown."""
        self.client.post(f"/tasks/{self.task.pk}/form", {"token": self.token, "verdict": "correct"})
        return _Form(self.client.get(f"/tasks/{self.task.pk}/").text.partition('id="review-form"')[2])

    def send(self, sent: list[tuple[str, str]], **replaced: str | list[str]) -> Any:
        posted: dict[str, list[str]] = {}
        for name, value in sent:
            posted.setdefault(name, []).append(value)
        names = {"reason_code": "income", "justification": WORDS, "evidence": ["/purpose"], "confidence": "4"}
        posted |= {"token": [str(self.token)], "verdict": ["correct"]}
        posted |= {name: [one] if isinstance(one, str) else one for name, one in {**names, **replaced}.items()}
        return self.client.post(f"/tasks/{self.task.pk}/submit", posted)


@pytest.fixture
def desk(room: Room) -> Desk:
    return Desk(room)


def test_proposal__keeps_the_contract__is_stored_with_defaults_at_every_depth(room: Room) -> None:
    assert propose(room, ANSWER).status_code in {200, 201, 202}
    kept = Decision.objects.get()
    assert kept.proposal["output"] == ANSWER
    assert kept.input["asked"] == 500.0
    assert kept.input["applicant"] == {"name": "Ada", "language": "en"}
    assert kept.input["parts"][0]["kind"] == "rate"


@pytest.mark.parametrize("mode", ["proposal", "record"])
@pytest.mark.parametrize(("path", "value", "mend"), WRONG, ids=[f"{path}={value}" for path, value, _ in WRONG])
def test_proposal__fault__is_a_problem_at_its_path(room: Room, path: str, value: Any, mend: str, mode: str) -> None:
    answer = propose(room, changed(path, value), mode=mode)
    assert (answer.status_code, answer["Content-Type"]) == (422, "application/problem+json")
    told = {one["path"]: one["message"] for one in answer.json()["errors"]}
    assert list(told) == [f"{mode}.output.{path}"]
    assert mend in told[f"{mode}.output.{path}"]


@pytest.mark.parametrize(
    ("document", "path", "mend"),
    [
        ({**GIVEN, "guarantor": {"mail": "a@example.org"}}, "input.guarantor.name", "required"),
        ({**GIVEN, "guarantor": {"name": "Bo", "age": 7}}, "input.guarantor.age", "no such field"),
        ({**GIVEN, "purpose": "boat"}, "input.purpose", "Choose one of car, home"),
        ({**GIVEN, "asked": 99}, "input.asked", "at least 100"),
        ({**GIVEN, "parts": [{"label": "W"}]}, "input.parts[0].label", "at least 2"),
    ],
)
def test_input__fault__is_a_problem_at_its_path(room: Room, document: Any, path: str, mend: str) -> None:
    told = {one["path"]: one["message"] for one in propose(room, ANSWER, document=document).json()["errors"]}
    assert mend in told[path]


def test_form__every_control__has_a_name_of_its_own(desk: Desk) -> None:
    shown = desk.form()
    assert set(shown.controls.values()) <= shown.labels
    assert {f"output.{name}" for name in ANSWER} - {
        "output.schema",
        "output.tags",
        "output.home",
        "output.parts",
    } <= set(shown.controls)
    text = desk.client.get(f"/tasks/{desk.task.pk}/").text
    assert "Ask the branch" in text
    assert "like 2027-01-31T09:30:00Z" in text
    assert "6 to 60" in text
    assert "in steps of 50" in text


def test_form__one_field_changed__stores_everything_else_as_it_was(desk: Desk) -> None:
    answer = desk.send(desk.form().sent, **{"output.action": "decline"})
    assert answer.status_code == 302, answer.text
    assert Correction.objects.get().output == {**ANSWER, "action": "decline"}


@pytest.mark.parametrize(("path", "value", "mend"), WRONG, ids=[f"{path}={value}" for path, value, _ in WRONG])
def test_form__fault__stands_at_its_field_and_nothing_is_lost(desk: Desk, path: str, value: Any, mend: str) -> None:
    name = "output." + re.sub(r"\[(\d+)\]", r".\1", path)
    given: str | list[str] = str(value)
    if path.startswith("note"):
        name, given = "output.note", json.dumps(changed(path, value)["note"])
    if path.startswith("tags"):
        name, given = "output.tags", [str(value)]
    answer = desk.send(desk.form().sent, **{name: given})
    assert answer.status_code == 422
    assert not Correction.objects.exists()
    ident = "f-" + name.replace(".", "-")
    said = re.search(rf'id="{ident}-e"[^>]*>(.*?)</', answer.text, re.DOTALL)
    assert said is not None, re.findall(r'id="(f-[^"]*-e)"', answer.text)
    again = _Form(answer.text.partition('id="review-form"')[2])
    held = [one for at, one in again.sent if at == name]
    assert held == (given if isinstance(given, list) else [given])
    before = _sent_for(ANSWER, path, name)
    mended = desk.send([pair for pair in again.sent if pair[0] != name], **{name: before, "output.insured": "true"})
    assert mended.status_code == 302, mended.text
    assert Correction.objects.get().output == {**ANSWER, "insured": True}


def _sent_for(document: Any, path: str, name: str) -> str | list[str]:
    """Return what the form sends for the value at a path of a good document."""
    if name == "output.note":
        return json.dumps(document["note"])
    if name == "output.tags":
        return list(document["tags"])
    for step in re.findall(r"\w+", path):
        document = document[int(step)] if step.isdecimal() else document.get(step)
    return "" if document is None else str(document)


def test_api__correction_with_faults__is_a_problem_at_each_path(desk: Desk) -> None:
    key = serving.personal_key(desk.user, "review")
    output = {**changed("parts[1].amount", 0.3), "opens": "09:30", "extra": 1}
    body = {
        "token": desk.token,
        "verdict": "correct",
        "output": output,
        "reason_code": "income",
        "justification": WORDS,
        "evidence": ["/purpose"],
        "confidence": 4,
    }
    answer = Client().post(
        f"/api/v1/tasks/{desk.task.pk}/corrections",
        json.dumps(body),
        content_type="application/json",
        headers={"Authorization": f"Bearer {key}"},
    )
    assert (answer.status_code, answer["Content-Type"]) == (422, "application/problem+json")
    told = {one["path"] for one in answer.json()["errors"]}
    assert told == {"output.parts[1].amount", "output.opens", "output.extra"}
