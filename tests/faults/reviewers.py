"""Reviewers who work at once, by the pages and by the API, and what each of them was told."""

import asyncio
import re
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx

from reviewapp.ops.simulate import chance

GIVE_UP_SECONDS = 120.0
# Later than any moment: they went home with the case.
NEVER = 10**9
_PAUSE_SECONDS = 0.3
_WORDS = "The payslip of the third month does not carry this instalment; {}."
_TOKEN = re.compile(r'name="token" value="(\d+)"')
_TASK = re.compile(r"^/tasks/([0-9a-f-]{36})/$")


@dataclass
class Journal:
    """What the reviewers were told: holds, drafts and submissions that were confirmed, and everything unexpected."""

    # (task, token) -> who was given it; with the numbers that order "was told" and "gave up" of all reviewers.
    holds: dict[tuple[str, int], set[int]] = field(default_factory=lambda: defaultdict(set))
    spans: list[tuple[str, int, int, int]] = field(default_factory=list)
    # (task, person) -> texts in the order in which they were sent, each with whether keeping it was confirmed.
    drafts: dict[tuple[str, int], list[tuple[str, bool]]] = field(default_factory=lambda: defaultdict(list))
    # (task, person) -> the text, the token and what was confirmed: the correction's id, "page", or "" for no answer.
    submitted: dict[tuple[str, int], tuple[str, int, str]] = field(default_factory=dict)
    released: set[tuple[str, int]] = field(default_factory=set)
    # (task, giver) -> the colleague's user name, and whether the draft was said to be theirs now.
    handed: dict[tuple[str, int], tuple[str, bool]] = field(default_factory=dict)
    people: int = 0
    wrong: list[str] = field(default_factory=list)
    told: Counter[str] = field(default_factory=Counter)
    moment: int = 0

    def tick(self) -> int:
        """Return the next number: what was told before has a lower one."""
        self.moment += 1
        return self.moment


@dataclass
class Place:
    """Where everybody works: the origin, the queue, and the judgement that contradicts the decision."""

    url: str
    queue: str
    decided: str
    amount: int

    @property
    def correction(self) -> dict[str, Any]:
        """The complete output that says the contrary."""
        if self.decided == "approve":
            return {"decision": "decline", "credit_limit": None, "conditions": []}
        return {"decision": "approve", "credit_limit": self.amount, "conditions": []}


class Reviewer:
    """One person with a connection of their own; chance decides how they work, from a seed."""

    def __init__(self, number: int, person: dict[str, Any], place: Place, journal: Journal, most: int) -> None:
        """Get ready to do up to `most` cases."""
        self.person, self.place, self.journal, self.most = int(person["id"]), place, journal, most
        self.seed, self.drawn = number, 0
        self.cookie = f"cs_session={person['session']}; cs_csrf={person['token']}"
        self.csrf, self.key = person["token"], person["key"]
        # A transport of its own: no certificates are read, and no cookie of one person reaches another.
        self.http = httpx.AsyncClient(transport=httpx.AsyncHTTPTransport(verify=False), base_url=place.url, timeout=60)
        self.begun: dict[str, int] = {}

    async def work(self) -> None:
        """Work until there is nothing for them, or they did enough."""
        try:
            await (self._by_pages() if self.person % 2 else self._by_api())
        finally:
            for task, begun in self.begun.items():
                self.journal.spans.append((task, self.person, begun, NEVER))
            await self.http.aclose()

    def _chance(self) -> float:
        self.drawn += 1
        return chance.draw(self.seed, self.drawn)

    def _one_of(self, tasks: list[dict[str, Any]]) -> dict[str, Any]:
        return tasks[int(self._chance() * len(tasks))] if tasks else {"id": UUID(int=0)}

    async def _by_api(self) -> None:
        for _ in range(self.most):
            claimed = await self._claim_by_api()
            if claimed is None:
                return
            task, token = claimed
            how = self._chance()
            await self._keep(task, token, f"first thought {self._chance()}")
            if how < 0.15:
                await self._ask("POST", f"/api/v1/tasks/{task}/renew", json={"token": token})
            await self._keep(task, token, f"second thought {self._chance()}")
            if how > 0.85:
                await self._release(task, token)
            elif 0.3 <= how < 0.36:
                await self._hand_over(task, token)
            elif how > 0.8:
                # They go home: the case and the draft stay with them.
                continue
            else:
                await self._submit_by_api(task, token, twice=how < 0.3)

    async def _claim_by_api(self) -> tuple[str, int] | None:
        answer = None
        if self._chance() < 0.2:
            listed = await self._ask("GET", f"/api/v1/queues/{self.place.queue}/tasks", params={"limit": 40})
            one = self._one_of(listed.json()["tasks"])
            answer = await self._ask("POST", f"/api/v1/tasks/{one['id']}/claim", also={404, 409})
        if answer is None or answer.status_code != 200:
            path = f"/api/v1/queues/{self.place.queue}/claim"
            # Some press twice: what they are given besides stays with them, never the other seat of the same case.
            twice = [self._ask("POST", path, also={409}) for _ in range(2 if self._chance() < 0.1 else 1)]
            answer = (await asyncio.gather(*twice))[0]
        if answer.status_code != 200:
            return None
        body = answer.json()
        self._holds(body["task"], body["token"])
        return body["task"], body["token"]

    async def _keep(self, task: str, token: int, text: str) -> None:
        said = self.journal.drafts[task, self.person]
        said.append((text, False))
        body = {"token": token, "body": {"verdict": "correct", "justification": text}}
        answer = await self._ask("PUT", f"/api/v1/tasks/{task}/draft", json=body)
        if answer.status_code == 200 and answer.json()["holds"]:
            said[-1] = (text, True)
        else:
            self.journal.wrong.append(f"draft {answer.status_code}: {answer.text[:200]}")

    async def _release(self, task: str, token: int) -> None:
        self._gives_up(task, token)
        answer = await self._ask(
            "POST", f"/api/v1/tasks/{task}/release", json={"token": token, "reason": "No time"}, also={409}
        )
        # A lost answer, asked again: nobody holds it under that token any more.
        if answer.status_code == 409 and not answer.extensions["again"]:
            self.journal.wrong.append(f"release: {answer.text[:200]}")
        self.journal.released.add((task, token))

    async def _hand_over(self, task: str, token: int) -> None:
        colleague = f"crowd-{int(self._chance() * self.journal.people)}"
        self._gives_up(task, token)
        body = {"token": token, "to": colleague, "note": "Yours."}
        # Refused to oneself, to who holds enough, and to who has a part in the case; then it stays with them.
        path = f"/api/v1/tasks/{task}/hand-over"
        answer = await self._ask("POST", path, json=body, also={409, 422})
        if answer.status_code == 200:
            self.journal.handed[task, self.person] = (colleague, answer.json()["draft_copied"])

    async def _submit_by_api(self, task: str, token: int, *, twice: bool) -> None:
        text = _WORDS.format(f"API {self.person} {self._chance()}")
        body = {
            "token": token,
            "verdict": "correct",
            "output": self.place.correction,
            "reason_code": "input_wrong",
            "justification": text,
            "confidence": 4,
        }
        self.journal.submitted[task, self.person] = (text, token, "")
        self._gives_up(task, token)
        path = f"/api/v1/tasks/{task}/corrections"
        answers = await asyncio.gather(*(self._ask("POST", path, json=body) for _ in range(2 if twice else 1)))
        ids = {answer.json().get("id", "") for answer in answers}
        if len(ids) == 1 and "" not in ids:
            self.journal.submitted[task, self.person] = (text, token, ids.pop())
        else:
            self.journal.wrong.append(f"submit: {[answer.text[:200] for answer in answers]}")

    async def _by_pages(self) -> None:
        path = await self._post(f"/queues/{self.place.queue}/next", {})
        for _ in range(self.most):
            found = _TASK.match(path)
            if found is None:
                return
            task = found[1]
            page = await self._ask("GET", path, headers={"Cookie": self.cookie})
            token = _TOKEN.search(page.text)
            if token is None:
                self.journal.wrong.append(f"no hold on {path}: {page.status_code}")
                return
            self._holds(task, int(token[1]))
            text = _WORDS.format(f"page {self.person} {self._chance()}")
            form = {"token": token[1], "verdict": "agree", "justification": text, "confidence": "4"}
            await self._keep_by_page(path, task, form)
            if self._chance() < 0.15:
                self._gives_up(task, int(token[1]))
                await self._post(f"{path}release", {"token": token[1], "reason": "No time for it now"})
                self.journal.released.add((task, int(token[1])))
                path = await self._post(f"/queues/{self.place.queue}/next", {})
                continue
            self.journal.submitted[task, self.person] = (text, int(token[1]), "")
            self._gives_up(task, int(token[1]))
            path = await self._post(f"{path}submit", form)
            if path:
                self.journal.submitted[task, self.person] = (text, int(token[1]), "page")

    async def _keep_by_page(self, path: str, task: str, form: dict[str, str]) -> None:
        said = self.journal.drafts[task, self.person]
        said.append((form["justification"], False))
        answer = await self._ask(
            "POST", f"{path}draft", data={"csrfmiddlewaretoken": self.csrf, **form}, headers=self._form
        )
        if "Draft saved" in answer.text:
            said[-1] = (form["justification"], True)
        else:
            self.journal.wrong.append(f"draft {answer.status_code}: {answer.text[:200]}")

    async def _post(self, path: str, form: dict[str, str]) -> str:
        answer = await self._ask("POST", path, data={"csrfmiddlewaretoken": self.csrf, **form}, headers=self._form)
        if answer.status_code != 302:
            self.journal.wrong.append(f"POST {path}: {answer.status_code} {answer.text[:300]}")
            return ""
        return str(answer.headers["Location"])

    @property
    def _form(self) -> dict[str, str]:
        return {"Cookie": self.cookie}

    def _holds(self, task: str, token: int) -> None:
        self.journal.holds[task, token].add(self.person)
        self.begun[task] = self.journal.tick()

    def _gives_up(self, task: str, token: int) -> None:
        self.journal.spans.append((task, self.person, self.begun.pop(task), self.journal.tick()))

    async def _ask(self, verb: str, path: str, *, also: set[int] | None = None, **rest: Any) -> httpx.Response:
        """Send until there is an answer; a request is repeated as a person or a program would, with the same content."""
        headers = rest.pop("headers", None) or {"Authorization": f"Bearer {self.key}"}
        again = False
        async with asyncio.timeout(GIVE_UP_SECONDS):
            while True:
                try:
                    answer = await self.http.request(verb, path, headers=headers, **rest)
                except httpx.TransportError as fault:
                    self.journal.told[type(fault).__name__] += 1
                else:
                    self.journal.told[f"{verb} {answer.status_code}"] += 1
                    if answer.status_code not in {502, 503}:
                        break
                again = True
                await asyncio.sleep(_PAUSE_SECONDS)
        if answer.status_code >= 400 and answer.status_code not in (also or set()):
            self.journal.wrong.append(f"{verb} {path}: {answer.status_code} {answer.text[:300]}")
        answer.extensions["again"] = again
        return answer


@asynccontextmanager
async def at_work(people: list[dict[str, Any]], place: Place, *, most: int) -> AsyncIterator[Journal]:
    """Have everybody work at once while the block lasts, then until each is done."""
    journal = Journal(people=len(people))
    async with asyncio.TaskGroup() as group:
        for number, person in enumerate(people):
            group.create_task(Reviewer(number, person, place, journal, most).work())
        yield journal
